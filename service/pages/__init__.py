"""The entrance for people: pages of operators, supervisors and heads of sales."""
