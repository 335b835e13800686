"""The schema's history, carried out by `nextlead migrate`."""
