"""Who serves which queue, who is present, and how they do."""
