"""Owns what comes after the visit: call-backs, marks, recovery; leaves the facts of the order to orders, the case to cases."""
