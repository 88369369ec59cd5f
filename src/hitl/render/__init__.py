"""Views of records and reviews: values in, text out; no file, no clock, and no script but on the pages of a review."""
