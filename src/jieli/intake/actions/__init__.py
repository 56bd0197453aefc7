"""What intake does: bring in exchange files and foreign histories."""
