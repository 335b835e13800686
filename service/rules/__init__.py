"""The written rules: the policy in force, needs, owners, lanes, call-backs, deadlines. Pure."""
