"""The simulated shop: clients drawn once, a line, operators, and an event loop."""
