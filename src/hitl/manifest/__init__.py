"""The release manifest: what changes, what must be shown about it, and with what authority."""
