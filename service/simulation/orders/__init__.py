"""Orders of service to compare. Each gives the place of a lead at a time."""
