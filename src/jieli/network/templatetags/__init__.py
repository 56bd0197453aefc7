"""Words and looks of the network in templates."""
