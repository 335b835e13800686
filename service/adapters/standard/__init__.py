"""Our own format, and CloudEvents."""
