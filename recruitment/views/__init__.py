"""Pages of recruitment: a module for each kind of page."""
