"""The brief for reviewers: what they will meet if the candidate answers, and what to look for."""
