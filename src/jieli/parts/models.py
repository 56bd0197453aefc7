"""The rows of parts and what the database refuses about them."""
