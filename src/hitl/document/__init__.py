"""YAML, JSON and JSON lines to frozen documents: every mistake at once, with file, line and field."""
