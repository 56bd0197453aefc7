"""Jieli carries one case to its end: intake, dispatch, visit, quality, settlement."""

__version__ = "0.1.0"
