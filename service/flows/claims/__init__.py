"""Claims: an operator claims a lead, renews, releases, parks, transfers or settles it."""
