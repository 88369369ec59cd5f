"""What a decision log shows about people and model: each number with its n, its interval, and what it cannot cover."""
