"""Pages of customers and devices."""
