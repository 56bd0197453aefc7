"""Template tags of call-backs."""
