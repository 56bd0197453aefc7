"""Reads of intake: what came in before, and what a customer sees by his link."""
