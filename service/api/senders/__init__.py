"""Routes of sources and deliveries."""
