"""Policies: the numbers, routes and words that a company changes without a programmer.

Owns the numbered versions with their start dates, the registry of schemas, the shipped default pack, the choice of the most
specific rule with its explanation, and the pages on which policies are read, drafted, compared, tried and started. Leaves to
the apps above what a policy decides about: it knows no case, no customer and no unit, only their codes.
"""
