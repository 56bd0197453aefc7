"""Decisions of dispatch as pure functions."""
