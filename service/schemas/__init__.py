"""The shapes of what programs send in: each field says exactly what it takes."""
