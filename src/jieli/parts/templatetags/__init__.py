"""Tags for pages of parts."""
