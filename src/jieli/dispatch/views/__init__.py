"""Pages of dispatch."""
