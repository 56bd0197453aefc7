"""Owns work orders: what an outlet does for a case, from dispatch to the returned part; leaves the case itself to cases."""
