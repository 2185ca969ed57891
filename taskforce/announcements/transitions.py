"""What may follow what; pure data."""

ANNOUNCEMENT = {
    ("draft", "edit"): "draft",
    ("draft", "test"): "draft",
    ("draft", "publish"): "published",
    ("published", "correct"): "published",
}
