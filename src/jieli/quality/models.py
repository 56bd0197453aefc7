"""The rows of quality and what the database refuses about them."""
