"""Owns what comes after the visit: call-backs, the four marks, recovery; leaves the facts of the order to orders."""
