"""What may follow what for a text; pure data."""

PROPOSAL = {
    ("draft", "publish"): "published",
}
