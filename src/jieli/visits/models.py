"""The rows of visits and what the database refuses about them."""
