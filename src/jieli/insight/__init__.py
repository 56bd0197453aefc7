"""Reads everything and writes nothing but its own snapshots: the figures of histories, the indicators, the reports."""
