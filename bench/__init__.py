"""What the portal's ways of sending and publishing cost, against the ways that they replace (`make bench`)."""
