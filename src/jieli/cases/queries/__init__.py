"""Reads of cases, shaped for pages, the API and reports."""
