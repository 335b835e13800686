"""Events out: subscriptions, their deliveries, and streams."""
