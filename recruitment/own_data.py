"""All that is kept of somebody's own applications to one call: as a file for programs, and to be read."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recruitment import mailed, personal_data, profiles, queries, receipts
from recruitment.enums import ApplicationState
from recruitment.forms.applying import shown
from recruitment.models import Application, Call, Decision
from taskforce.accounts.models import User
from taskforce.core import dates
from taskforce.core.labels import label
from taskforce.questions.models import Question
from taskforce.questions.queries import questions


def told(applications: Sequence[Application]) -> set[int]:
    """Those of these whose outcome was told; what is only decided is nothing that anybody knows."""
    released = Decision.objects.filter(application__in=applications, released_at__isnull=False)
    return set(released.values_list("application", flat=True))


def as_rows(call: Call, user: User, at: datetime) -> dict[str, Any]:
    """What the file of all of one's own data has, of this call alone, and the mails about it."""
    mine = queries.own_applications(call, user)
    references = {one.reference for one in mine}
    parts = {
        "applications": personal_data.own_applications(user, {}),
        "application-versions": personal_data.own_snapshots(user, {}),
        "outcomes": personal_data.own_outcomes(user, {}),
    }
    mails = mailed.letters(mine, told(mine), at, most=None)
    return {
        **{
            name: [row for row in rows if row.get("reference", row.get("application__reference")) in references]
            for name, rows in parts.items()
        },
        "mails": [one.as_row() for one in mails],
    }


def as_text(call: Call, user: User, at: datetime) -> str:
    """The same in the active language, in plain lines."""
    mine, asked = queries.own_applications(call, user), questions(call.questions_id)
    parts = [label(call, "title").text, ""]
    for one in mine:
        parts += [*_application(one), "", *_besides(one), ""]
        for snapshot in queries.versions(one):
            parts += [receipts.as_text(snapshot, call, asked), ""]
        parts += [*_draft(one, call, asked), ""]
    parts += [_("Mails about it"), *map(_letter, mailed.letters(mine, told(mine), at, most=None))]
    return "\n".join(parts) + "\n"


def _letter(one: mailed.Letter) -> str:
    note = one.note
    return f"  {dates.utc_text(note.at)} {note.address}: {one.subject} ({mailed.in_words(note.fate)})"


def _application(one: Application) -> Iterator[str]:
    facts = (
        (_("Reference"), one.reference),
        (_("State"), str(ApplicationState(one.state).label)),
        (_("Begun"), one.created_at),
        (_("Saved"), one.saved_at),
        (_("Submitted"), one.submitted_at),
        (_("Withdrawn"), one.withdrawn_at),
    )
    for name, value in facts:
        if value:
            yield receipts.line(name, value if isinstance(value, str) else dates.utc_text(value))


def _besides(one: Application) -> Iterator[str]:
    """What was submitted besides the versions, which nobody reads with them."""
    if one.submitted_at is None:
        return
    for each in profiles.own_lines(one):
        yield each.label
        yield from (f"  {text}" for text in (*receipts.plain(each.values), *each.text.splitlines()))


def _draft(one: Application, call: Call, asked: Sequence[Question]) -> Iterator[str]:
    """What was saved last, submitted or not."""
    yield _("What you saved last")
    for field in shown(call, queries.typed(one), asked=asked).shown_again():
        yield ""
        yield str(field.label)
        yield from (f"  {text}" for text in str(field.value).splitlines())
