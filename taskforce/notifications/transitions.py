"""What may follow what in the outbox; pure data."""

MESSAGE = {
    ("queued", "claim"): "sending",
    ("queued", "supersede"): "superseded",
    # Whoever has left gets it by no hand of staff either.
    ("failed", "supersede"): "superseded",
    ("unknown", "supersede"): "superseded",
    ("sending", "accept"): "sent",
    ("sending", "defer"): "queued",
    ("sending", "refuse"): "failed",
    ("sending", "expire"): "expired",
    ("sending", "lose"): "unknown",
    # The sender outlived its lease and brings the answer after all.
    ("unknown", "accept"): "sent",
    # Transactional mail only, under the same Message-ID.
    ("unknown", "retry"): "queued",
    # By staff: what became of it was looked up, or it goes again.
    ("unknown", "resolve-sent"): "sent",
    ("unknown", "resolve-failed"): "failed",
    ("failed", "requeue"): "queued",
    # Claimed, but its mailing was stopped or its mailbox has left or refused meanwhile: nothing was sent.
    ("sending", "drop"): "superseded",
}
MAILING = {
    ("queued", "finish"): "expanded",
    ("queued", "park"): "failed",
    # What it says is no longer true: none of its mails leaves any more, whatever has become of them by then.
    ("queued", "supersede"): "superseded",
    ("expanded", "supersede"): "superseded",
    ("failed", "supersede"): "superseded",
    ("queued", "expire"): "expired",
    ("queued", "stop"): "stopped",
    ("expanded", "stop"): "stopped",
    # Parked for what could not be written; what could may still be on its way.
    ("failed", "stop"): "stopped",
    ("failed", "requeue"): "queued",
}
