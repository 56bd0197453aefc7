"""Owns the service network: what makes a unit an outlet; leaves units and staff to people."""
