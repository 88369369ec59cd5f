"""What a reviewer can do at the review page, without a word of HTTP: each act is one transaction."""
