"""Which pattern an action type needs, and what is done wrong, each with its evidence."""
