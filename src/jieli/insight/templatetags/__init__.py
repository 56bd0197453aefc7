"""Filters of the templates of figures."""
