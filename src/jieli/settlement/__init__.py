"""Owns the month end: rate tables, grades, settlement runs and their lines, incentives; reads orders and never changes them."""
