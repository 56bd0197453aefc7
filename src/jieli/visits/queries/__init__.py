"""What visits tell: the phone's day, the panel of a case, what waits for a person."""
