"""Views of a release record: values in, text out; no file, no clock, no script."""
