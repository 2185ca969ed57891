"""Mails of which staff do not see to whom they went: their kind would say who applies, or who has said something.

Whoever decides about mail needs it of none of them: what can be done to a mail is done by its row, and what became of
it stands on the page of whoever it is for. Who a candidate is, is read on the candidate's page alone, where each look
is in the log and no look comes before the call has closed.
"""

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from feedback.notices import author, items, moderation, replies
from recruitment.notices import applying, changing, deciding, reminding
from taskforce.core import staff_columns
from taskforce.core.templatetags.staff import NOTHING
from taskforce.notifications.admin import kind_name
from taskforce.notifications.models import OutboxMessage

KINDS = frozenset(
    {
        *(applying.RECEIPT, applying.WITHDRAWN, applying.TAKEN_BACK, changing.OWN, reminding.REMINDER),
        *(deciding.ACCEPTED, deciding.DECLINED),
        *(author.KIND, items.CONFIRM, replies.ANSWERED),
        *(moderation.HIDDEN, moderation.SHOWN, moderation.UPHELD),
    }
)
_IS = Q(kind__in=sorted(KINDS))


def mailbox(mail: OutboxMessage) -> str:
    """To whom a mail went, or that it is not shown."""
    if mail.kind not in KINDS:
        return staff_columns.machine_text(mail.mailbox)
    return _("not shown: nobody is to learn from a mail who applies or who has said something")


def error(mail: OutboxMessage) -> str:
    """What went wrong. A server's words name the mailbox, so they go with it."""
    if not mail.error:
        return NOTHING
    if mail.kind not in KINDS:
        return staff_columns.machine_text(mail.error)
    return _("What the server said is not shown either.")


def name(mail: OutboxMessage) -> str:
    """What a mail is called in titles."""
    if mail.kind in KINDS:
        return _("%(kind)s, mail %(number)s") % {"kind": kind_name(mail.kind), "number": mail.pk}
    return _("%(kind)s to %(mailbox)s") % {"kind": kind_name(mail.kind), "mailbox": mail.mailbox}


def found(mails: QuerySet[OutboxMessage], words: str) -> QuerySet[OutboxMessage]:
    """Of mails that a search has found those that it may find: a sealed one by its Message-ID, never by its mailbox."""
    return mails.filter(~_IS | Q(message_id__icontains=words.strip())) if words.strip() else mails


def ordered_by(field: str) -> Case:
    """How a list is put in order by a column that it does not show of these."""
    return Case(When(_IS, then=Value("")), default=F(field))
