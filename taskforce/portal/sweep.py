"""One pass of every due thing; called by beat's task and by `manage.py sweep`, and safe to run any number of times."""

from taskforce.notifications import expansion


def run() -> dict[str, int]:
    """Do what is due now; returns how much of each was done."""
    return {"mails queued": expansion.expand_due()}
