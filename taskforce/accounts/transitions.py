"""What may follow what for an invitation; pure data. That its time is over is not stored: the clock says it."""

INVITATION = {
    ("open", "accept"): "accepted",
    ("open", "decline"): "declined",
    ("open", "withdraw"): "withdrawn",
}
