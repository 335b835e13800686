"""The written rules: policy, needs, owners, lanes, callbacks, deadlines. Pure."""
