"""The order of leads and its reasons. Pure functions of lead, policy and time."""
