"""Owns the work on site: the visit standard, steps with evidence, the engineer's phone; leaves facts of orders to orders."""
