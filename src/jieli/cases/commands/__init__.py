"""The commands of the centre."""
