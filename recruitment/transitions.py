"""What may follow what; pure data."""

APPLICATION = {
    ("draft", "save"): "draft",
    ("draft", "submit"): "submitted",
    ("submitted", "save"): "submitted",
    ("submitted", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
    # A withdrawal taken back: what was submitted counts again, what was not is a draft again.
    ("withdrawn", "count again"): "submitted",
    ("withdrawn", "go on"): "draft",
}
REVIEW = {
    ("draft", "save"): "draft",
    ("draft", "submit"): "submitted",
}
DECISION = {
    ("held", "change"): "held",
    ("held", "release"): "released",
}
