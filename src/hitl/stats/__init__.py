"""Statistics without product nouns: arrays and counts in, small frozen results out."""
