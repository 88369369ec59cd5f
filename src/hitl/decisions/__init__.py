"""Decision logs and what is taken out of texts before anybody sees them."""
