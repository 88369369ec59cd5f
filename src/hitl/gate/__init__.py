"""Authority turns evidence into a verdict."""
