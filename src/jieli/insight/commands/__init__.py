"""The commands of insight."""
