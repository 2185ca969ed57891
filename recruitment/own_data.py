"""All that is kept of somebody's own applications to one call: as a file for programs, and to be read."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from recruitment import describe, personal_data, profiles, queries, receipts
from recruitment.enums import ApplicationState
from recruitment.forms.applying import shown
from recruitment.models import Application, Call, Decision
from taskforce.accounts.models import User
from taskforce.core import dates
from taskforce.core.labels import label


def told(applications: Sequence[Application]) -> set[int]:
    """Those of these whose outcome was told; what is only decided is nothing that anybody knows."""
    released = Decision.objects.filter(application__in=applications, released_at__isnull=False)
    return set(released.values_list("application", flat=True))


def as_rows(call: Call, user: User) -> dict[str, Any]:
    """What the file of all of one's own data has, of this call alone, and the mails about it."""
    mine = queries.own_applications(call, user)
    references = {one.reference for one in mine}
    parts = {
        "applications": personal_data.own_applications(user, {}),
        "application-versions": personal_data.own_snapshots(user, {}),
        "outcomes": personal_data.own_outcomes(user, {}),
    }
    mails = describe.letters(mine, told(mine), most=None)
    return {
        **{
            name: [row for row in rows if row.get("reference", row.get("application__reference")) in references]
            for name, rows in parts.items()
        },
        "mails": [one._asdict() for one in mails],
    }


def as_text(call: Call, user: User) -> str:
    """The same in the active language, in plain lines."""
    mine = queries.own_applications(call, user)
    parts = [label(call, "title").text, ""]
    for one in mine:
        parts += [*_application(one), "", *_besides(one), ""]
        for snapshot in one.snapshots.all():
            parts += [receipts.as_text(snapshot, call), ""]
        parts += [*_draft(one, call), ""]
    mails = describe.letters(mine, told(mine), most=None)
    parts += [_("Mails about it"), *(f"  {dates.utc_text(one.at)} {one.subject} ({one.state})" for one in mails)]
    return "\n".join(parts) + "\n"


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


def _draft(one: Application, call: Call) -> Iterator[str]:
    """What was saved last, submitted or not."""
    yield _("What you saved last")
    for field in shown(call, queries.typed(one)).shown_again():
        yield ""
        yield str(field.label)
        yield from (f"  {text}" for text in str(field.value).splitlines())
