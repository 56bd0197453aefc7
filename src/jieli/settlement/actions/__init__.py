"""Deciding a month, and bringing in rate tables and incentives."""
