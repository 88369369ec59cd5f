"""Views of a forecast: what reviewers would face, beside what they face."""
