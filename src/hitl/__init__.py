"""hitl gates model upgrades: evidence with authority, and a verdict that a stranger can recompute."""

__version__ = "0.1.0"
