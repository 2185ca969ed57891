"""Labels of what is public already: put right in their words, and in nothing else."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model, TextField
from django.utils.translation import gettext as _
from modeltranslation.translator import NotRegistered, translator

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import clock, labels, languages
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name, clean_text, digest
from taskforce.timeline import rules
from taskforce.timeline.models import TaskForce
from taskforce.timeline.services.rows import hold


@transaction.atomic
def correct_label(
    task_force_id: int, *, row: Model, field: str, language: str, text: str, actor: User, expected: str | None = None
) -> None:
    """The label `field` of a row of the task force says `text` in a language; nothing else of the row changes.

    Whether the row belongs to the task force, and says a word that is looked for, who calls has found out.
    `expected` is what `label_seen` said when the form was shown. `Refused` without the role, `Conflict` where it says
    something else by now, `Invalid` for no text, a long one, the same one, no such label or language.
    """
    task_force = hold(task_force_id)
    allowed, why = rules.entitled(actor, "task-force.old-words", task_force)
    if not allowed:
        raise Refused(why)
    if not _is_label(row, field):
        raise Invalid(_("There is no such text to be corrected here."))
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    held = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    before = labels.stored(held, field).get(language, "")
    if expected not in (None, label_seen(held, field, language)):
        raise Conflict(_("This text says something else by now. Read it, and send yours again."))
    text = _checked(held, field, text)
    if text == before:
        raise Invalid(_("The text says this already."))
    put_right(
        held,
        {field: {language: text}},
        action="label.corrected",
        at=clock.app_now(),
        actor=actor,
        task_force_id=task_force_id,
    )


def put_right(
    row: Model,
    wanted: Mapping[str, Mapping[str, str]],
    *,
    action: str,
    at: datetime,
    actor: User,
    task_force_id: int,
) -> int:
    """Let a row that is public say its labels in more languages, or without a typing error; returns how many texts
    changed. `wanted` are {field: {language: text}}, cleaned. `Invalid` for a text that would be gone in a language.
    Each text that changes is an entry of the log, called `action`, with what it said before.

    For services that have asked, in the transaction in which they hold the row.
    """
    before = {field: labels.stored(row, field) for field in wanted}
    changed = {field: _changed(before[field], texts) for field, texts in wanted.items()}
    columns = [one for field, texts in changed.items() for one in labels.assign(row, field, texts)]
    if columns:
        announce_correction(row)
        row.save(update_fields=columns)
    for field, texts in changed.items():
        for language, text in texts.items():
            log.record(
                action,
                row,
                at=at,
                actor_id=actor.pk,
                task_force_id=task_force_id,
                place=field,
                language=language,
                said=before[field].get(language, ""),
                says=text,
            )
    return len(columns)


def _changed(before: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Those that say something else; `Invalid` where a language would lose the text that it has."""
    gone = [code for code, text in wanted.items() if not text and before.get(code)]
    if gone:
        raise Invalid(
            _("What is public in a language stays: write the text (%(languages)s).")
            % {"languages": " · ".join(languages.OWN_NAMES[code] for code in gone)}
        )
    return {code: text for code, text in wanted.items() if text != before.get(code, "")}


def announce_correction(row: Model) -> None:
    """Say to the database that the words of this row are corrected: what was published changes in such acts alone.

    For services, in the transaction in which they save it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.corrected_label', %s, true)", [f"{row._meta.db_table} {row.pk}"])


def label_seen(row: Model, field: str, language: str) -> str:
    """What a label says in a language, as a digest to send back with what was shown of it."""
    return digest([labels.stored(row, field).get(language, "")])


def longest(row: Model, field: str) -> int:
    """How long a label may be."""
    return getattr(row._meta.get_field(field), "max_length", None) or rules.TEXT_LENGTH


def is_long(row: Model, field: str) -> bool:
    """Whether it is a text of blocks, not a line."""
    return isinstance(row._meta.get_field(field), TextField)


def _is_label(row: Model, field: str) -> bool:
    """A translated label that no act of its own changes, as renaming does a task force's name."""
    try:
        known = field in translator.get_options_for_model(type(row)).all_fields
    except NotRegistered:
        return False
    return known and not (isinstance(row, TaskForce) and field == "name")


def _checked(row: Model, field: str, text: str) -> str:
    most = longest(row, field)
    text = clean_text(text, most=most) if is_long(row, field) else clean_name(text, most=most)
    if not text:
        raise Invalid(_("Type what it says from now on."))
    if len(text) > most:
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": most})
    return text
