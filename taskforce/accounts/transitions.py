"""What may follow what for an invitation and a request for deletion; pure data.

That the time of an invitation is over is not stored: the clock says it.
"""

INVITATION = {
    ("open", "accept"): "accepted",
    ("open", "decline"): "declined",
    ("open", "withdraw"): "withdrawn",
}
DELETION = {
    ("open", "withdraw"): "withdrawn",
    ("open", "do"): "done",
    ("open", "part"): "partly",
    ("open", "refuse"): "refused",
}
