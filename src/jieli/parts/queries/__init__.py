"""Reads shaped for pages, phones and reports."""
