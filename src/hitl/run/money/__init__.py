"""What calls cost: prices, the cap, and how many tokens a request can take."""
