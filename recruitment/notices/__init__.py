"""The mails of recruitment: a module for each occasion, one function per mail."""

from recruitment.notices import applying, changing, deciding, reminding


def register() -> None:
    """Tell the outbox about all of them; called once, when the apps are ready."""
    for one in (applying, changing, deciding, reminding):
        one.register()
