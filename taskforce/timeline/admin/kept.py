"""Where the words come from in which a mailing is shown in a language: from its mails, or made for the page."""

from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import sentence
from taskforce.notifications.enums import MailingState
from taskforce.notifications.models import Mailing
from taskforce.notifications.previews import OfMailing
from taskforce.timeline.queries import reach


def note(mailing: Mailing, shown: OfMailing, at: datetime) -> SafeString | str:
    """What is true of the mails in that language at a moment of the portal's clock."""
    if shown.is_kept:
        return _("As it was written for its readers: the words are the ones that were kept with their mails.")
    if mailing.state == MailingState.QUEUED:
        return _being_written(mailing.messages.count())
    if daily := reach.in_daily_mails(mailing, shown.language, at):
        words = ngettext(
            "In this language it is told in daily mails only, to %(total)s reader: so it would read now.",
            "In this language it is told in daily mails only, to %(total)s readers: so it would read now.",
            daily,
        )
        return sentence(words, total=number(daily))
    if mailing.state == MailingState.STOPPED:
        return _("It was stopped before a mail was written in this language: so it would read now.")
    return _("No mail of its own was written in this language: so it would read now.")


def _being_written(written: int) -> SafeString | str:
    if not written:
        return _("Its mails are being prepared, none is written yet: so it would be sent now.")
    words = ngettext(
        "%(total)s mail is written so far, none of them in this language: so it would be sent now.",
        "%(total)s mails are written so far, none of them in this language: so it would be sent now.",
        written,
    )
    return sentence(words, total=number(written))
