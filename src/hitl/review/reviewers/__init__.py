"""How each reviewer decides beside the others: for the lead, not for blame."""
