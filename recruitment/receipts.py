"""The receipt of a version that was submitted: the very bytes that were hashed, and the same to be read."""

from collections.abc import Iterable, Iterator, Sequence
from html import unescape

from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recruitment import profiles, queries
from recruitment.models import Call, Snapshot
from taskforce.core import dates, languages
from taskforce.core.labels import label
from taskforce.core.text import canonical
from taskforce.questions.models import Question


def document(snapshot: Snapshot) -> bytes:
    """What was hashed: whoever keeps these bytes can show that their SHA-256 is the fingerprint."""
    return canonical(queries.hashed(snapshot))


def as_text(snapshot: Snapshot, call: Call, asked: Sequence[Question] | None = None) -> str:
    """The receipt in the active language, in plain lines, with the language of the application's answers as they
    are; `asked` are the questions of the call, where they are at hand."""
    return "\n".join([*_head(snapshot, call), "", *said(snapshot, call, asked)]) + "\n"


def _head(snapshot: Snapshot, call: Call) -> Iterator[str]:
    application = snapshot.application
    yield _("Receipt for an application")
    yield ""
    facts = (
        (_("Reference"), application.reference),
        (_("Task force"), label(call.phase.task_force, "name").text),
        (_("Call"), label(call, "title").text),
        (_("Version"), str(snapshot.number)),
        (_("Received"), dates.utc_text(snapshot.submitted_at)),
        (_("Language"), languages.OWN_NAMES.get(snapshot.language, snapshot.language)),
        (_("Fingerprint (SHA-256)"), snapshot.sha256),
    )
    for name, value in facts:
        yield line(name, value)
    if snapshot.in_grace:
        yield _(
            "It came in after the close that was shown, within the grace for answers that are lost on their way, and "
            "it counts."
        )


def said(snapshot: Snapshot, call: Call, asked: Sequence[Question] | None = None) -> Iterator[str]:
    """Each question of the call, with what was answered to it."""
    yield _("What you submitted")
    for one in queries.answered(call, snapshot.answers, asked):
        yield ""
        yield label(one.question, "label").text
        yield from (f"  {text}" for text in _answer(one))
    for each in profiles.lines(snapshot.profile):
        yield ""
        yield each.label
        yield from (f"  {text}" for text in (plain(each.values) or each.text.splitlines()))


def _answer(one: queries.Answered) -> list[str]:
    if one.chosen:
        return plain(one.chosen)
    return one.text.splitlines() if one.text else [_("Not answered")]


def plain(values: Iterable[str]) -> list[str]:
    """What is marked up for a page, as plain text."""
    return [unescape(strip_tags(value)) for value in values]


def line(name: str, value: str) -> str:
    """A label and its value, with what the language has between them."""
    return f"{name}{languages.colon(get_language() or 'en')}{value}"
