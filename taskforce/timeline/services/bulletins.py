"""Mails that staff write to the followers of a topic: written by one person, sent by another, stopped and corrected.

Each act holds the row of its bulletin, so that of two people at once the second finds what the first has done.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import clock, labels, languages, side_by_side, states
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications.services import stop_mailing
from taskforce.timeline import bulletin_rules as rules
from taskforce.timeline.enums import BulletinState
from taskforce.timeline.models import Bulletin, TaskForce
from taskforce.timeline.notices import bulletins as notices
from taskforce.timeline.queries import bulletins as queries
from taskforce.timeline.queries.bulletins import Readers
from taskforce.timeline.transitions import BULLETIN

HEAD = "subject"


@transaction.atomic
def draft(
    task_force: TaskForce, *, topic: str, subjects: dict[str, str], bodies: dict[str, str], at: datetime, actor: User
) -> Bulletin:
    """A new draft; `Refused` without the role, `Invalid` for a wrong topic, no subject, a text that is no mail."""
    allowed, why = rules.entitled(actor, task_force.pk)
    if not allowed:
        raise Refused(why)
    subjects, bodies = rules.checked_texts(subjects, bodies)
    if not any(subjects.values()):
        raise Invalid(_("A subject is missing."))
    bulletin = _new(task_force, rules.checked_topic(topic), at, actor)
    labels.assign(bulletin, "subject", subjects)
    labels.assign(bulletin, "body", bodies)
    bulletin.save()
    _record(bulletin, "drafted", at=at, actor=actor, topic=bulletin.topic)
    return bulletin


@transaction.atomic
def edit(bulletin_id: int, *, subjects: dict[str, str], bodies: dict[str, str], actor: User, version: int) -> Bulletin:
    """Change the text in the languages given, and in no other; one that was offered is a draft again.

    `version` is the one that the editor saw: another one meanwhile, or a text that was sent, is a `Conflict`.
    Raises `Refused` without the role, `Invalid` for a text that is no mail.
    """
    bulletin, at = _locked(bulletin_id), clock.app_now()
    _check(actor, "edit", bulletin)
    subjects, bodies = rules.checked_texts(subjects, bodies)
    if bulletin.state == BulletinState.OFFERED:
        _step(bulletin, "take-back")
    _step(bulletin, "edit")
    _check_version(bulletin, version)
    bulletin.version += 1
    bulletin.editor_id, bulletin.editor_name = actor.pk, str(actor)
    bulletin.editors = sorted({*bulletin.editors, actor.pk})
    bulletin.offered_at = None
    columns = [*labels.assign(bulletin, "subject", subjects), *labels.assign(bulletin, "body", bodies)]
    _save(bulletin, [*columns, "version", "editor_id", "editor_name", "editors", "offered_at"])
    _record(bulletin, "edited", at=at, actor=actor, languages=sorted({*subjects, *bodies}), version=bulletin.version)
    return bulletin


@transaction.atomic
def leave_out(bulletin_id: int, *, actor: User, version: int) -> Bulletin:
    """Empty a correction in every language in which it still says what it corrects, save the source.

    Its readers there get the correction in another language. Raises as `edit`.
    """
    bulletin = _locked(bulletin_id)
    _check(actor, "leave-out", bulletin)
    _step(bulletin, "leave-out")
    _check_version(bulletin, version)
    empty = {code: "" for code in copied(bulletin) if code != side_by_side.SOURCE}
    if not empty:
        return bulletin
    return edit(bulletin.pk, subjects=empty, bodies=empty, actor=actor, version=version)


@transaction.atomic
def test(bulletin_id: int, *, language: str, actor: User, version: int) -> Bulletin:
    """One mail to the acting person's own address, as readers of `language` would get it; again changes nothing.

    Raises `Conflict` for a text that was changed meanwhile or sent already, `Invalid` for an unknown language or
    without a text.
    """
    bulletin, at = _locked(bulletin_id), clock.app_now()
    _check(actor, "test", bulletin)
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    _step(bulletin, "test")
    _check_version(bulletin, version)
    _check_text(bulletin)
    before = bulletin.testers if bulletin.tested_version == bulletin.version else []
    bulletin.tested_version, bulletin.testers = bulletin.version, sorted({*before, actor.pk})
    _save(bulletin, ["tested_version", "testers"])
    _record(bulletin, "tested", at=at, actor=actor, language=language, version=bulletin.version)
    notices.tested(bulletin, actor, language, at=at)
    return bulletin


@transaction.atomic
def offer(bulletin_id: int, *, actor: User, version: int) -> Bulletin:
    """Hand it to a second person; whoever does must have tested the text as it now is.

    Raises `Refused` for whoever did not write it, `Conflict` for another text or state meanwhile, `Invalid` without a
    text or a test, and for a correction that is still the same as what it corrects in some language.
    """
    bulletin, at = _locked(bulletin_id), clock.app_now()
    _check(actor, "offer", bulletin)
    _step(bulletin, "offer")
    _check_version(bulletin, version)
    _check_text(bulletin)
    _check_changed(bulletin)
    if not is_tested(bulletin, actor):
        raise Invalid(_("This text has not been tested. Send a test to yourself and read it first."))
    bulletin.offered_at = at
    _save(bulletin, ["offered_at"])
    _record(bulletin, "offered", at=at, actor=actor, version=bulletin.version)
    return bulletin


@transaction.atomic
def take_back(bulletin_id: int, *, actor: User) -> Bulletin:
    """What was offered is a draft again."""
    bulletin, at = _locked(bulletin_id), clock.app_now()
    _check(actor, "take-back", bulletin)
    _step(bulletin, "take-back")
    bulletin.offered_at = None
    _save(bulletin, ["offered_at"])
    _record(bulletin, "taken-back", at=at, actor=actor, version=bulletin.version)
    return bulletin


@transaction.atomic
def send(bulletin_id: int, *, actor: User, version: int, count: int, everybody: bool = False) -> Bulletin:
    """By the second person: one mailing to those who follow the topic; the text is frozen from now on.

    A correction goes to those of them who know what it corrects, or, where the second person wants that, to
    `everybody`. `version` and `count` are what they saw: another text, or more readers than were confirmed, is a
    `Conflict`. Raises `Refused` for whoever wrote the text, `Invalid` where nobody would read it, and as `offer` for a
    correction.
    """
    bulletin, at = _locked(bulletin_id), clock.app_now()
    _check(actor, "send", bulletin)
    _step(bulletin, "send")
    _check_version(bulletin, version)
    _check_changed(bulletin)
    readers = _confirmed_readers(bulletin, count, at, everybody=everybody)
    bulletin.second_id, bulletin.second_name = actor.pk, str(actor)
    bulletin.followers_at_once, bulletin.followers_daily = readers.at_once.total(), readers.daily.total()
    bulletin.sent_at = at
    bulletin.mailing_id = notices.published(bulletin, at=at, everybody=everybody).pk
    _save(
        bulletin,
        ["second_id", "second_name", "followers_at_once", "followers_daily", "sent_at", "mailing_id"],
    )
    whom = {} if bulletin.corrects is None else {"everybody": everybody}
    _record(bulletin, "sent", at=at, actor=actor, version=bulletin.version, followers=readers.total, **whom)
    return bulletin


def readers_now(bulletin: Bulletin, at: datetime, *, everybody: bool) -> Readers:
    """Who would get it at the moment: who follows, and of a correction, unless it is for `everybody`, who of them
    knows what it corrects."""
    return queries.readers_among(
        bulletin.task_force_id, bulletin.topic, () if everybody else notices.readers_of(bulletin), at=at
    )


def _confirmed_readers(bulletin: Bulletin, count: int, at: datetime, *, everybody: bool) -> Readers:
    """Who gets it, if these are no more than the second person was shown, and somebody."""
    readers = readers_now(bulletin, at, everybody=everybody)
    if not readers.total and not everybody and notices.readers_of(bulletin):
        raise Invalid(_("Nobody got what this corrects: there is nobody to write to, unless it goes to all followers."))
    if not readers.total:
        raise Invalid(_("Nobody follows this topic: there is nobody to write to."))
    if readers.total > count:
        raise rules.more_than_shown(readers.total)
    return readers


@transaction.atomic
def stop(bulletin_id: int, *, actor: User) -> Bulletin:
    """Stop what has been sent: from the commit on no more of it is begun. `Conflict` if it was stopped already."""
    bulletin, at = _locked(bulletin_id), clock.app_now()
    _check(actor, "stop", bulletin)
    _step(bulletin, "stop")
    assert bulletin.mailing_id is not None  # noqa: S101 - whatever was sent has its mailing
    taken_back = stop_mailing(bulletin.mailing_id, at=at, actor_id=actor.pk, allow=None)
    bulletin.stopped_at = at
    _save(bulletin, ["stopped_at"])
    _record(bulletin, "stopped", at=at, actor=actor, taken_back=taken_back)
    return bulletin


@transaction.atomic
def correct(bulletin_id: int, *, actor: User) -> Bulletin:
    """A new draft, with the same text and topic, that corrects one that was sent or stopped.

    It goes out in no language in which its text stays the same. `Conflict` if that has not been sent, or if a
    correction of it is being written already.
    """
    earlier, at = _locked(bulletin_id), clock.app_now()
    _check(actor, "correct", earlier)
    states.step(BULLETIN, BulletinState(earlier.state), "correct")
    if open_correction(earlier) is not None:
        raise Conflict(_("A correction of this mail is being written already."))
    bulletin = _new(earlier.task_force, earlier.topic, at, actor)
    bulletin.corrects = earlier
    for field in (HEAD, "body"):
        labels.assign(bulletin, field, {code: getattr(earlier, column) for code, column in _columns(field).items()})
    bulletin.save()
    _record(bulletin, "drafted", at=at, actor=actor, topic=bulletin.topic, corrects=earlier.pk)
    return bulletin


@transaction.atomic
def drop(bulletin_id: int, *, actor: User) -> Bulletin:
    """Give up what has not been sent; it stays to be read."""
    bulletin, at = _locked(bulletin_id), clock.app_now()
    _check(actor, "drop", bulletin)
    _step(bulletin, "drop")
    _save(bulletin, [])
    _record(bulletin, "dropped", at=at, actor=actor)
    return bulletin


# --- what the acts share ---------------------------------------------------------------------------------------------


def open_correction(earlier: Bulletin) -> Bulletin | None:
    """The correction that is being written or waits for its second person."""
    return earlier.corrections.filter(state__in=[BulletinState.DRAFT, BulletinState.OFFERED]).first()


def copied(bulletin: Bulletin) -> list[str]:
    """The languages in which a correction still is what it corrects."""
    return side_by_side.copied(bulletin, HEAD, bulletin.corrects)


def is_sendable(bulletin: Bulletin) -> bool:
    """Whether there is a subject and a text, in whatever language."""
    return bool(labels.label(bulletin, HEAD).text and labels.label(bulletin, "body").text)


def is_tested(bulletin: Bulletin, user: User) -> bool:
    """Whether this person has had a test of the text as it now is."""
    return bulletin.tested_version == bulletin.version and user.pk in bulletin.testers


def would_change(bulletin: Bulletin, subjects: dict[str, str], bodies: dict[str, str]) -> bool:
    """Whether these texts, as a form sends them, differ from what is stored; `Invalid` as `edit`."""
    subjects, bodies = rules.checked_texts(subjects, bodies)
    return any(
        (subjects.get(code, ""), bodies.get(code, "")) != side_by_side.own_texts(bulletin, HEAD, code)
        for code in {*subjects, *bodies}
    )


def _new(task_force: TaskForce, topic: str, at: datetime, actor: User) -> Bulletin:
    name = str(actor)
    return Bulletin(
        task_force=task_force,
        topic=topic,
        created_at=at,
        author_id=actor.pk,
        author_name=name,
        editor_id=actor.pk,
        editor_name=name,
        editors=[actor.pk],
    )


def _columns(field: str) -> dict[str, str]:
    """{language: name of the field's column}."""
    return {code: next(iter(labels.columns(field, {code: ""}))) for code in languages.CODES}


def _locked(bulletin_id: int) -> Bulletin:
    """The bulletin, its row held to the end of the transaction; `Http404` if there is none."""
    held = Bulletin.objects.select_for_update(of=("self",), no_key=True).filter(pk=bulletin_id)
    bulletin = held.select_related("task_force", "corrects").first()
    if bulletin is None:
        raise Http404
    return bulletin


def _check(actor: User, action: str, bulletin: Bulletin) -> None:
    allowed, why = rules.may(actor, action, bulletin)
    if not allowed:
        raise Refused(why)


def _check_version(bulletin: Bulletin, version: int) -> None:
    if bulletin.version != version:
        raise Conflict(
            _("%(name)s has changed this text meanwhile. Nothing was done.") % {"name": bulletin.editor_name}
        )


def _check_text(bulletin: Bulletin) -> None:
    if not is_sendable(bulletin):
        raise Invalid(_("A mail needs a subject and a text."))


def _check_changed(bulletin: Bulletin) -> None:
    if same := copied(bulletin):
        raise rules.still_the_same(same)


def _step(bulletin: Bulletin, action: str) -> None:
    bulletin.state = states.step(BULLETIN, BulletinState(bulletin.state), action)


def _save(bulletin: Bulletin, columns: Sequence[str]) -> None:
    bulletin.save(update_fields=[*columns, "state"])


def _record(bulletin: Bulletin, act: str, *, at: datetime, actor: User, **details: Any) -> None:
    log.record(f"bulletin.{act}", bulletin, at=at, actor_id=actor.pk, task_force_id=bulletin.task_force_id, **details)
