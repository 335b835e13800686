"""Adapters for other companies' systems: one file for each sender, to verify and read it.

An adapter knows its sender's contract: who may have sent a request, which answer they expect, and
what happened with a client. The flows decide what follows from it.
"""
