"""The command line of samstream. `main.py` is where it starts; each verb is a module of its own name."""
