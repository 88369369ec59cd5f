"""From replies to numbers: what each reply met, and what each subset shows."""
