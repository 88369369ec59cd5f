"""Models behind HTTP: two wire formats, and what a few calls before a run show about an endpoint."""
