"""What things are: leads, customers, operators, errors. Pure."""
