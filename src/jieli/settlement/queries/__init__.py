"""Reads of the month end: one set-based calculation, and what was decided."""
