"""The rows of dispatch and what the database refuses about them."""
