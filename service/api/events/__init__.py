"""Routes of subscriptions to events."""
