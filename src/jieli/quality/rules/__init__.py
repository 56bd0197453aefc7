"""Pure rules of call-backs and recoveries."""
