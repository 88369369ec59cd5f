"""Replies of both arms: asked for and journaled, recorded, or written by a scripted model."""
