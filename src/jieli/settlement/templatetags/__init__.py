"""Tags of the month end's pages."""
