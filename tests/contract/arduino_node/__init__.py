"""Arduino's published JavaScript clients, and what calls them."""
