"""Values of the business: leads, customers, operators, errors. Pure."""
