"""Pages of call-backs and recoveries."""
