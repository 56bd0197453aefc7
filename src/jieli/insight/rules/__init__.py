"""What follows from the events of a case; pure."""
