"""The commands of the month end."""
