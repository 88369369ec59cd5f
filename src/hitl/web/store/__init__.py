"""What the server of a review remembers: one SQLite file beside the packets, to which votes are only ever added."""
