"""The state changes of visits."""
