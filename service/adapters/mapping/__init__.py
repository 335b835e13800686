"""The adapter for all other senders: a mapping file, not code, says how to read them.

A mapping is a YAML text (shape: document.py). It says where values are in a request, and which
fields they become. `shipped` has mappings for senders that many shops use.
"""
