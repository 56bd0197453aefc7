"""Pages of the month end."""
