"""Clients as persons: find, merge, block and erase them, and note what operators learn of them."""
