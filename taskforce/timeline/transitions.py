"""What may follow what for a task force; pure data."""

TASK_FORCE = {
    ("proposed", "announce"): "active",
    ("active", "announce"): "active",
    ("active", "end"): "ended",
    ("proposed", "cancel"): "cancelled",
    ("active", "cancel"): "cancelled",
}
