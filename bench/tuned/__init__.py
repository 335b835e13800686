"""The tuned floor: the service's rows, as fast as a single Python process can write them."""
