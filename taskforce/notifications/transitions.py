"""What may follow what in the outbox; pure data."""

MESSAGE = {
    ("queued", "claim"): "sending",
    ("queued", "supersede"): "superseded",
    ("sending", "accept"): "sent",
    ("sending", "defer"): "queued",
    ("sending", "refuse"): "failed",
    ("sending", "expire"): "expired",
    ("sending", "lose"): "unknown",
    # The sender outlived its lease and brings the answer after all.
    ("unknown", "accept"): "sent",
    # Transactional mail only, under the same Message-ID.
    ("unknown", "retry"): "queued",
}
MAILING = {
    ("queued", "finish"): "expanded",
    ("queued", "park"): "failed",
    ("queued", "supersede"): "superseded",
    ("queued", "expire"): "expired",
}
