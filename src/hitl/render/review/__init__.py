"""What reviewers and leads see of a review: pages of items, packets that need no server, and what came out."""
