"""Reads of call-backs and recoveries."""
