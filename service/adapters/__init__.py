"""What other companies' systems send: one file a sender, which verifies and reads, no more.

An adapter knows its sender's contract: who may have sent a request, what answer they expect, and
what a client said by it. What becomes of that is told by the flows.
"""
