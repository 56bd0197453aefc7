"""The state changes of work orders."""
