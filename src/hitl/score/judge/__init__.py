"""Model judges: what they are asked, how their answers are read, and what authority they have."""
