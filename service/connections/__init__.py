"""Connections: limits on what strangers may send and hold before they prove who they are."""
