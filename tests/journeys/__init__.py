"""Journeys through the whole product in a real browser, each by several people at their own desks and phones."""
