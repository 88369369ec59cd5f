"""Two model versions or two periods of a decision log side by side: what changed, and which part of it is mix."""
