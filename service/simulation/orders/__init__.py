"""Orders in which clients may be served; each answers where a lead stands at a moment."""
