"""What the portal's ways of sending, publishing and reading cost, against others (`make bench`)."""
