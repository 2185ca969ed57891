"""What may follow what for a task force and for a bulletin of its staff; pure data."""

TASK_FORCE = {
    ("proposed", "announce"): "active",
    ("active", "announce"): "active",
    ("active", "end"): "ended",
    ("proposed", "cancel"): "cancelled",
    ("active", "cancel"): "cancelled",
    # A later decision after feedback than the one that had stopped it.
    ("cancelled", "resume"): "proposed",
    ("ended", "resume"): "active",
}

BULLETIN = {
    ("draft", "edit"): "draft",
    ("draft", "leave-out"): "draft",
    ("draft", "test"): "draft",
    ("draft", "offer"): "offered",
    ("draft", "drop"): "dropped",
    ("offered", "test"): "offered",
    ("offered", "take-back"): "draft",
    ("offered", "send"): "sent",
    ("offered", "drop"): "dropped",
    ("sent", "stop"): "stopped",
    ("sent", "correct"): "sent",
    ("stopped", "correct"): "stopped",
}
