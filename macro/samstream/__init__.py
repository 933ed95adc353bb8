"""The SamStream macro: routes of API Gateway that stream their responses.

`transform.py` is the pipeline and `handler.py` is what Lambda calls. Everything here is pure Python.
"""

__version__ = "0.1.0"
