"""The shapes of requests. Each field says exactly which values it takes."""
