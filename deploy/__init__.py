"""Everything that starts, prepares and checks the portal from a shell. Imports nothing of Django."""
