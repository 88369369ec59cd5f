"""The release record: what was decided, on which evidence, by which rules."""
