"""The forecast: what reviewers would face if the candidate answered the baseline's traffic."""
