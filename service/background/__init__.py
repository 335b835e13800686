"""Background tasks of the process: what runs without a request."""
