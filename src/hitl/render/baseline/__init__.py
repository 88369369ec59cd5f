"""The pages of a baseline."""
