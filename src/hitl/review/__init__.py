"""Blind review by people: what they are shown, how they vote, and what their votes amount to."""
