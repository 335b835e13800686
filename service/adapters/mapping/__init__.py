"""The adapter of everybody else: what a sender says is read as a mapping file tells, no code.

A mapping is a YAML text (document.py has its shape) of where things stand in a request and what
they are here. Those of this package, for senders that many shops have, are in `shipped`.
"""
