"""What the network can tell: who covers which place, who may be sent and when, how engineers stand."""
