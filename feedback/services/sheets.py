"""Tables of what was said elsewhere: taken as a whole, then entered line by line, each once, however often a part of
the sweep begins anew."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from feedback import blocks, queries
from feedback.enums import LineFault
from feedback.models import Sheet, SheetLine
from feedback.rules import enters_in, not_to_enter
from feedback.services import blocking
from feedback.services.entered import Taken, Told, enter
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.core.text import digest
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability

logger = logging.getLogger(__name__)
# So many lines are entered in one pass of the sweep, which others wait for.
LINES_AT_ONCE = 50
# A table is looked at again as long as it can be corrected and pasted anew.
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class PastedLine:
    """A line of a table: its number, its cells, and what they say (None: they could not be read)."""

    number: int
    cells: Sequence[str]
    told: Told | None


@dataclass(frozen=True)
class Pasted:
    """A table as somebody has seen it in its preview: the names of its columns, what these are, what a line means that
    leaves something out, and its lines."""

    names: Sequence[str]
    columns: Sequence[str]
    fallbacks: Mapping[str, Any]
    lines: Sequence[PastedLine]

    def digest(self) -> str:
        """What makes two forms "the same fields"."""
        lines = [[line.number, list(line.cells)] for line in self.lines]
        return digest([list(self.names), list(self.columns), dict(self.fallbacks), lines])


def paste(window_id: int, pasted: Pasted, *, form_key: gates.FormKey, actor: User) -> Sheet:
    """Take a table whose lines are entered afterwards, if the window is open; the same form is the same table.

    Its lines count as sent when it was taken, however late their turn comes; only a phase with a cap may have no place
    for them any more.

    Raises `Refused` when the window is not open and for those who may not, `Invalid` where no line can be entered, and
    `Conflict` when the form was taken with another table.
    """
    if not any(line.told for line in pasted.lines):
        raise Invalid(_("No line of this table can be entered. What is wrong stands beside each."))
    key, fields = f"sheet {form_key.nonce}", pasted.digest()
    stored = Sheet.objects.filter(form_key=key).first()
    if stored is None:
        try:
            stored = _store(Sheet(window_id=window_id, form_key=key, fields_digest=fields), pasted, form_key, actor)
        except IntegrityError:
            # The insert has waited for the same form, which was first.
            stored = Sheet.objects.filter(form_key=key).first()
            if stored is None:
                raise
    if stored.fields_digest != fields or stored.pasted_by_id != actor.pk:
        raise Conflict(_("You have sent this form before, with another table. The first one is being entered."))
    return stored


@transaction.atomic
def _store(sheet: Sheet, pasted: Pasted, form_key: gates.FormKey, actor: User) -> Sheet:
    place = queries.place(sheet.window_id, form_key.issued_at)
    passed = gates.enter(place.phase_id, Capability.FEEDBACK, form_key=form_key)
    if not enters_in(User.objects.filter(pk=actor.pk).first(), place.task_force_id):
        raise Refused(not_to_enter())
    blocking.require_free(place.task_force_id, blocks.poster(actor.pk), passed.at)
    sheet.pasted_by, sheet.shown_at = actor, form_key.issued_at
    sheet.pasted_at, sheet.in_grace = passed.at, passed.in_grace
    sheet.names, sheet.columns, sheet.fallbacks = list(pasted.names), list(pasted.columns), dict(pasted.fallbacks)
    sheet.save(force_insert=True)
    SheetLine.objects.bulk_create(
        SheetLine(
            sheet=sheet,
            number=line.number,
            cells=list(line.cells),
            told=_plain(line.told) if line.told else None,
            fault="" if line.told else LineFault.WRONG,
        )
        for line in pasted.lines
    )
    log.record(
        "feedback.table-pasted",
        sheet,
        at=passed.at,
        actor_id=actor.pk,
        task_force_id=place.task_force_id,
        window=sheet.window_id,
        count=len(pasted.lines),
        bad=sum(line.told is None for line in pasted.lines),
    )
    return sheet


def _plain(told: Told) -> dict[str, Any]:
    answers = [[answer.question_id, answer.text, list(answer.choices)] for answer in told.answers if answer.is_given]
    return {**vars(told), "said_on": told.said_on.isoformat(), "answers": answers}


def _told(stored: Mapping[str, Any]) -> Told:
    answers = [Answer(question, text, tuple(choices)) for question, text, choices in stored["answers"]]
    return Told(**{**stored, "said_on": date.fromisoformat(stored["said_on"]), "answers": answers})


def enter_due(at: datetime) -> int:
    """Enter the next lines that wait, of whatever tables; returns how many were entered.

    Each in a transaction of its own, with the word at the line that it is done: a pass that is killed leaves nothing
    half done, and two passes at once never take the same line.
    """
    return sum(_enter_next(line_id) for line_id in queries.lines_waiting(LINES_AT_ONCE))


@transaction.atomic
def _enter_next(line_id: int) -> bool:
    """Enter a line that waits, or note why not; False where another pass is at it, or was."""
    found = SheetLine.objects.select_for_update(skip_locked=True, of=("self",)).select_related("sheet__window")
    line = found.filter(pk=line_id, item=None, fault="").first()
    if line is None:
        return False
    try:
        line.item = _enter(line)
    except (OperationalError, InterfaceError):
        # The database itself: the line waits for the next pass.
        raise
    except (Refused, Http404):
        line.fault = LineFault.REFUSED
    except PortalError:
        line.fault = LineFault.WRONG
    except Exception:
        logger.exception("a line of a table could not be entered", extra={"line": line.pk})
        line.fault = LineFault.FAILED
    if line.item:
        # It stands elsewhere now.
        line.cells, line.told = [], None
    line.save(update_fields=["item", "fault", "cells", "told"])
    return line.item is not None


@transaction.atomic
def _enter(line: SheetLine) -> Any:
    """In a savepoint: what fails here leaves the line, and the word why, as they are."""
    sheet = line.sheet
    actor = User.objects.filter(pk=sheet.pasted_by_id or 0).first()
    if actor is None or line.told is None:
        raise Refused(not_to_enter())
    form_key = gates.FormKey(sheet.form_key, sheet.shown_at, sheet.window.phase_id)
    taken = Taken(sheet.pasted_at, sheet.in_grace)
    return enter(
        sheet.window_id,
        _told(line.told),
        form_key=form_key,
        actor=actor,
        key=f"line {sheet.pk} {line.number}",
        taken=taken,
    )


def forget_old(at: datetime) -> int:
    """Drop the tables that nobody needs any more; what was entered of them stays. Returns how many."""
    old = Sheet.objects.filter(pasted_at__lt=at - KEPT_FOR)
    count = old.count()
    if count:
        old.delete()
    return count
