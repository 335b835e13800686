"""The entrance for programs and people: the HTTP API."""
