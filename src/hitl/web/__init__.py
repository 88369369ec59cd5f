"""The review page: one item at a time, on this machine unless told otherwise."""
