"""What changed between two states of a text: which units, which of them moved, and what in their words."""
