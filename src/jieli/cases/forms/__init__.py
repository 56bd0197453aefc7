"""What people type about cases, turned into clean values for one action each."""
