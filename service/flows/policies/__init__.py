"""What leads are ranked by: changed, previewed, read."""
