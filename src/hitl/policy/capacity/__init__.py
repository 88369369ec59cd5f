"""Whether the reviewers can carry what a policy sends them."""
