"""Connections: bounds on what strangers may send and hold before they have shown who they are."""
