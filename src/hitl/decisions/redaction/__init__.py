"""What is taken out of texts before anybody sees or stores them."""
