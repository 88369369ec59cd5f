"""The journal of a live run: every reply on disk the moment it is there."""
