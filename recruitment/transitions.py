"""What may follow what; pure data."""

APPLICATION = {
    ("draft", "save"): "draft",
    ("draft", "submit"): "submitted",
    ("submitted", "save"): "submitted",
    ("submitted", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
}
REVIEW = {
    ("draft", "save"): "draft",
    ("draft", "submit"): "submitted",
}
DECISION = {
    ("held", "change"): "held",
    ("held", "release"): "released",
}
