"""Pages of the timeline that are its own."""
