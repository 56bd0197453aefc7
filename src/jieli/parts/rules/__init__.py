"""Pure rules about parts."""
