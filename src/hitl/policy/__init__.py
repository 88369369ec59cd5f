"""The policy: what runs alone, what a person sees, and which steps count as acting."""
