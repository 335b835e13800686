"""One operator and one lead: claimed, renewed, given back, parked, settled."""
