"""Owns what makes a complaint about an outlet count: level, and whether it was upheld; leaves the case itself to cases."""
