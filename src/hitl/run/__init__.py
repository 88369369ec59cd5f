"""Replies of both arms: recorded, or written by a scripted model."""
