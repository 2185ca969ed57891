"""What may follow what; pure data."""

ITEM = {
    ("held", "publish"): "published",
    ("hidden", "publish"): "published",
    ("published", "hold"): "held",
    ("held", "hide"): "hidden",
    ("published", "hide"): "hidden",
    ("held", "withdraw"): "withdrawn",
    ("published", "withdraw"): "withdrawn",
    ("hidden", "withdraw"): "withdrawn",
}
