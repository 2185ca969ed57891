"""What may follow what for a text; pure data."""

PROPOSAL = {
    ("draft", "publish"): "published",
    ("published", "withdraw"): "withdrawn",
    ("published", "supersede"): "superseded",
    ("withdrawn", "resume"): "published",
    ("superseded", "resume"): "published",
}
