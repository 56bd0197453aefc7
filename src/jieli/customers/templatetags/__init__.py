"""Template tags of the customers."""
