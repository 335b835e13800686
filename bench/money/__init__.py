"""How sure the shipped ranking is of its money: other worlds, and what other numbers would cost."""
