"""The mails of this app: a module for each occasion."""

from feedback.notices import answers, author, items, moderation, replies, summary, to_translate


def register() -> None:
    """Tell the outbox about all of them; called once, when the apps are ready."""
    for one in (items, replies, author, moderation, summary, to_translate, answers):
        one.register()
