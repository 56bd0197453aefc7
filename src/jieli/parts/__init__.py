"""Owns spare parts: master, stock as double entries, part orders, old parts and lab findings; leaves orders to orders."""
