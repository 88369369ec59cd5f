"""What a policy would have done with the decisions of a log."""
