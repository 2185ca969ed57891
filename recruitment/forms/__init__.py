"""What anybody sends, parsed and validated: a module for each kind of page."""
