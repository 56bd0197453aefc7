"""A small believable company, lived through by the same actions that people use, so that every page has something to show."""
