"""What a person with an AWS account runs once, and CI never: a deployment's story, and questions for AWS alone.

`Ledger` knows what was made, `Account` makes and removes, an `Experiment` asks one question of its own small stacks
through a `Lab`, and judges purely what it saw. `running.py` is the order of things.
"""
