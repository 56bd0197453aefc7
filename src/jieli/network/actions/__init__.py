"""The state changes of the network."""
