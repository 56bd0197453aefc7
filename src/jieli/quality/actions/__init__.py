"""The state changes of call-backs and recoveries."""
