"""What may follow what; pure data."""

ANNOUNCEMENT = {
    ("draft", "edit"): "draft",
    ("draft", "publish"): "published",
}
