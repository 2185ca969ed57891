"""What saying something keeps about people. No address is kept with it unless its author asks to be told there, and no
account unless a window asks for one, so nothing leads back to whoever said something elsewhere."""

from feedback.personal_data import entering, moderating, of_nobody, own, responding, saying, translating


def register() -> None:
    """Fill the map, in the order in which the privacy page tells it."""
    saying.items()
    saying.drafts()
    saying.unconfirmed()
    saying.told()
    responding.agreements()
    responding.replies()
    translating.translations()
    moderating.appeals()
    entering.entered()
    moderating.reports()
    moderating.blocks()
    of_nobody.windows()
    of_nobody.answers()
    of_nobody.summaries()
    saying.cookies()
    own.given()
