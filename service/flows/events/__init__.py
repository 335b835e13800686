"""Events out: subscriptions, and sending to them."""
