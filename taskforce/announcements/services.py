"""The only writer of members and announcements."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_slug
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.announcements import notices, queries, rules
from taskforce.announcements.enums import AnnouncementState
from taskforce.announcements.models import Announcement, Member
from taskforce.announcements.transitions import ANNOUNCEMENT
from taskforce.audit import log
from taskforce.core import clock, labels, languages, locks, side_by_side, states
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name, clean_text, digest
from taskforce.timeline import services as timeline
from taskforce.timeline.bulletin_rules import more_than_shown, still_the_same
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import TaskForce
from taskforce.timeline.queries.bulletins import Readers, readers_among

HEAD = "title"
NAME_LENGTH = 120
SLUG_LENGTH = 50
TITLE_LENGTH = 300
BODY_LENGTH = 50_000


@transaction.atomic
def add_member(
    task_force: TaskForce, user: User, *, name: str, consented: bool, at: datetime, actor_id: int | None
) -> Member:
    """Make someone a member, not public before the next announcement; adding twice changes nothing.

    Without consent the name is not stored. `Invalid` for a name that is too long or, with consent, empty.
    """
    name = clean_name(name) if consented else ""
    if consented and not name:
        raise Invalid(_("Whoever agrees to be named needs a name."))
    if len(name) > NAME_LENGTH:
        raise Invalid(_("The name is too long: at most %(count)d characters.") % {"count": NAME_LENGTH})
    member, made = Member.objects.get_or_create(
        task_force=task_force,
        user=user,
        defaults={"name": name, "consented_at": at if consented else None, "since": at},
    )
    if made:
        log.record("member.added", member, at=at, actor_id=actor_id, task_force_id=task_force.pk, named=consented)
    return member


@transaction.atomic
def draft(
    task_force: TaskForce,
    *,
    slug: str,
    titles: dict[str, str],
    bodies: dict[str, str],
    at: datetime,
    actor_id: int | None,
) -> Announcement:
    """A new draft; `Conflict` if the slug is taken, `Invalid` for a bad slug, no title, a long text."""
    try:
        validate_slug(slug)
        MaxLengthValidator(SLUG_LENGTH)(slug)
    except ValidationError:
        raise Invalid(_("“%(slug)s” cannot stand in an address.") % {"slug": slug}) from None
    titles, bodies = checked_texts(titles, bodies)
    if not any(titles.values()):
        raise Invalid(_("A title is missing."))
    # Held, so that of two drafts under one slug the second finds the first.
    locks.take(locks.Kind.ANNOUNCEMENT, task_force.pk)
    _check_role(actor_id, task_force.pk)
    if Announcement.objects.filter(task_force=task_force, slug=slug).exists():
        raise Conflict(_("There is already an announcement with the address “%(slug)s”.") % {"slug": slug})
    return _begun(task_force, slug, (titles, bodies), at=at, actor_id=actor_id)


def _begun(
    task_force: TaskForce,
    slug: str,
    texts: side_by_side.Texts,
    *,
    at: datetime,
    actor_id: int | None,
    corrects: Announcement | None = None,
) -> Announcement:
    """The draft, stored, and its line in the log."""
    titles, bodies = texts
    announcement = Announcement.objects.create(
        task_force=task_force,
        slug=slug,
        corrects=corrects,
        created_at=at,
        author_id=actor_id,
        editor_id=actor_id,
        editors=_with([], actor_id),
        **labels.columns("title", titles),
        **labels.columns("body", bodies),
    )
    details: dict[str, Any] = {"slug": slug} | ({"corrects": corrects.pk} if corrects else {})
    log.record("announcement.drafted", announcement, at=at, actor_id=actor_id, task_force_id=task_force.pk, **details)
    return announcement


def checked_texts(titles: dict[str, str], bodies: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Titles and bodies per language, cleaned; `Invalid` for an unknown language or a text too long."""
    for code in {*titles, *bodies}:
        if not languages.is_offered(code):
            raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": code})
    titles = {code: clean_name(text) for code, text in titles.items()}
    bodies = {code: clean_text(text) for code, text in bodies.items()}
    if any(len(text) > TITLE_LENGTH for text in titles.values()):
        raise Invalid(_("The title is too long: at most %(count)d characters.") % {"count": TITLE_LENGTH})
    if any(len(text) > BODY_LENGTH for text in bodies.values()):
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": BODY_LENGTH})
    return titles, bodies


def seen(announcement: Announcement, codes: list[str]) -> str:
    """What an editor had before their eyes in these languages, as a digest to send back with the form."""
    return digest([[code, *own_texts(announcement, code)] for code in sorted(set(codes))])


def would_change(announcement: Announcement, titles: dict[str, str], bodies: dict[str, str]) -> bool:
    """Whether these texts, as a form sends them, differ from what is stored."""
    return any(
        (clean_name(titles.get(code, "")), clean_text(bodies.get(code, ""))) != own_texts(announcement, code)
        for code in {*titles, *bodies}
    )


def is_publishable(announcement: Announcement) -> bool:
    """Whether there is a title and a text, in whatever language."""
    return bool(labels.label(announcement, "title").text and labels.label(announcement, "body").text)


def own_texts(announcement: Announcement, code: str) -> tuple[str, str]:
    """Title and body in exactly this language, empty where there are none."""
    return side_by_side.own_texts(announcement, HEAD, code)


@transaction.atomic
def edit_draft(
    announcement_id: int,
    *,
    titles: dict[str, str],
    bodies: dict[str, str],
    at: datetime,
    actor_id: int | None,
    expected: str | None = None,
) -> Announcement:
    """Change a draft in the languages given, and in no other.

    `expected` is what `seen()` said of these languages when the form was shown; another text meanwhile, or an
    announcement that is no draft any more, is a `Conflict`.
    """
    announcement = _locked(announcement_id)
    _check_role(actor_id, announcement.task_force_id)
    titles, bodies = checked_texts(titles, bodies)
    if expected is not None and expected != seen(announcement, [*titles, *bodies]):
        raise Conflict(_("Somebody has changed this text meanwhile. Nothing was stored."))
    announcement.state = states.step(ANNOUNCEMENT, AnnouncementState(announcement.state), "edit")
    columns = [*labels.assign(announcement, "title", titles), *labels.assign(announcement, "body", bodies)]
    announcement.version += 1
    announcement.editor_id = actor_id
    announcement.editors = _with(announcement.editors, actor_id)
    announcement.save(update_fields=[*columns, "state", "version", "editor_id", "editors"])
    log.record(
        "announcement.edited",
        announcement,
        at=at,
        actor_id=actor_id,
        task_force_id=announcement.task_force_id,
        languages=sorted({*titles, *bodies}),
    )
    return announcement


@transaction.atomic
def correct(announcement_id: int, *, actor: User) -> Announcement:
    """A new draft, with the same text and an address of its own, that corrects one that is published.

    It is published in no language in which its text stays the same. `Refused` without the role, `Conflict` if a
    correction of it is being written already.
    """
    earlier, at = _locked(announcement_id), clock.app_now()
    allowed, why = rules.may(actor, "announcement.correct", earlier, at)
    if not allowed:
        raise Refused(why)
    states.step(ANNOUNCEMENT, AnnouncementState(earlier.state), "correct")
    if open_correction(earlier) is not None:
        raise Conflict(_("A correction of this announcement is being written already."))
    own = {code: own_texts(earlier, code) for code in languages.CODES}
    texts = {code: title for code, (title, _body) in own.items()}, {code: body for code, (_title, body) in own.items()}
    slug = queries.free_slug(earlier)
    return _begun(earlier.task_force, slug, texts, at=at, actor_id=actor.pk, corrects=earlier)


def _with(editors: list[int], actor_id: int | None) -> list[int]:
    """All who ever saved the text, once each; what no person saved (None) adds nobody."""
    return sorted({*editors, *([] if actor_id is None else [actor_id])})


def open_correction(earlier: Announcement) -> Announcement | None:
    """The correction that is being written."""
    return earlier.corrections.filter(state=AnnouncementState.DRAFT).first()


def copied(announcement: Announcement) -> list[str]:
    """The languages in which a correction still is what it corrects."""
    return side_by_side.copied(announcement, HEAD, announcement.corrects)


@transaction.atomic
def leave_out(announcement_id: int, *, actor: User, version: int) -> Announcement:
    """Empty a correction in every language in which it still says what it corrects, save the source.

    `Refused` without the role, `Conflict` for a text that was changed meanwhile or is published.
    """
    announcement, at = _locked(announcement_id), clock.app_now()
    allowed, why = rules.may(actor, "announcement.edit", announcement, at)
    if not allowed:
        raise Refused(why)
    if announcement.version != version:
        raise out_of_date()
    empty = {code: "" for code in copied(announcement) if code != side_by_side.SOURCE}
    if not empty:
        return announcement
    return edit_draft(announcement.pk, titles=empty, bodies=empty, at=at, actor_id=actor.pk)


def _locked(announcement_id: int) -> Announcement:
    """The announcement, read after the lock of its task force is held; `Http404` if there is none.

    The lock is the task force's, since what is announced is its list of members: two announcements of one
    task force never count and publish members at once.
    """
    task_force_id = Announcement.objects.filter(pk=announcement_id).values_list("task_force_id", flat=True).first()
    if task_force_id is None:
        raise Http404
    locks.take(locks.Kind.ANNOUNCEMENT, task_force_id)
    return Announcement.objects.select_related("task_force", "corrects").get(pk=announcement_id)


@transaction.atomic
def test(announcement_id: int, *, language: str, actor: User, version: int) -> Announcement:
    """One mail to the acting person's own address, as readers of `language` would get it; again changes nothing.

    Raises `Refused` without the role, `Conflict` for a text that was changed meanwhile or is published, `Invalid` for
    an unknown language or without a text.
    """
    announcement = _locked(announcement_id)
    at = clock.app_now()
    announcement.state = states.step(ANNOUNCEMENT, AnnouncementState(announcement.state), "test")
    _check(actor, "announcement.test", announcement, at)
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    if announcement.version != version:
        raise out_of_date()
    announcement.tested_version = version
    announcement.save(update_fields=["state", "tested_version"])
    log.record(
        "announcement.tested",
        announcement,
        at=at,
        actor_id=actor.pk,
        task_force_id=announcement.task_force_id,
        language=language,
        version=version,
    )
    notices.tested(announcement, actor, language, at=at)
    return announcement


def is_tested(announcement: Announcement) -> bool:
    """Whether somebody has sent the text as it is to themselves."""
    return announcement.tested_version == announcement.version


def shown(announcement: Announcement) -> str:
    """What a confirmation is about: the text, and the members that become public by it; to send back with the form."""
    members = queries.members_to_publish(announcement.task_force_id)
    return digest([announcement.version, members.names, members.unnamed])


def _check_role(actor_id: int | None, task_force_id: int) -> None:
    """Writing is for who has the role at this moment; nobody is asked about in the operator's shell."""
    if actor_id is None:
        return
    allowed, why = rules.may_write(User.objects.filter(pk=actor_id).first(), task_force_id)
    if not allowed:
        raise Refused(why)


def _check(actor: User, action: str, announcement: Announcement, at: datetime) -> None:
    """`Refused` for whoever may not, `Invalid` where there is nothing to read."""
    allowed, why = rules.may(actor, action, announcement, at)
    if not allowed:
        raise Refused(why)
    if not is_publishable(announcement):
        raise Invalid(_("An announcement needs a title and a text."))


def readers_now(announcement: Announcement, at: datetime, *, everybody: bool) -> Readers:
    """Who would get the mail at the moment: who follows, and of a correction, unless it is for `everybody`, who of them
    knows what it corrects."""
    readers_of = () if everybody else notices.readers_of(announcement)
    return readers_among(announcement.task_force_id, Topic.ANNOUNCEMENTS, readers_of, at=at)


def _check_confirmed(announcement: Announcement, confirmed: str, *, readers: int, count: int) -> None:
    """`Conflict` if it is not what was confirmed any more, `Invalid` if it is not ready to go out."""
    if confirmed != shown(announcement):
        raise out_of_date()
    if readers > count:
        raise more_than_shown(readers)
    if same := copied(announcement):
        raise still_the_same(same)
    if not is_tested(announcement):
        raise Invalid(_("This text has not been tested. Send a test to yourself and read it first."))


def out_of_date() -> Conflict:
    """The refusal of what was not asked about the text as it is now."""
    return Conflict(_("This page is out of date. Nothing was done; look once more."))


@transaction.atomic
def publish(announcement_id: int, *, actor: User, confirmed: str, count: int, everybody: bool = False) -> Announcement:
    """Publish a draft, once: its text, all members not public yet, the computed number, one mailing.

    The mail of a correction goes to those who know what it corrects, or, where the second person wants that, to
    `everybody` who follows. `confirmed` is what `shown()` said, and `count` how many readers were counted, when they
    were asked: another text, other members or more readers than that are a `Conflict`. With members the task force
    becomes active. `Conflict` too if it was published already, `Refused` without the role or for whoever ever saved the
    text, `Invalid` without a text or a test, and for a correction that in some language is still what it corrects.
    """
    announcement = _locked(announcement_id)
    at = clock.app_now()
    state = states.step(ANNOUNCEMENT, AnnouncementState(announcement.state), "publish")
    _check(actor, "announcement.publish", announcement, at)
    readers = readers_now(announcement, at, everybody=everybody).total
    _check_confirmed(announcement, confirmed, readers=readers, count=count)
    waiting = Member.objects.filter(task_force_id=announcement.task_force_id, published_at__isnull=True)
    new_members = waiting.update(published_at=at)
    announcement.state = state
    announcement.published_at = at
    announcement.publisher_id = actor.pk
    announcement.members_count = queries.members_published(announcement.task_force)
    announcement.save(update_fields=["state", "published_at", "publisher_id", "members_count"])
    # What corrects an announcement may come when the task force has ended.
    if announcement.members_count and (new_members or announcement.corrects is None):
        timeline.change_state(announcement.task_force_id, "announce", at=at, actor_id=actor.pk)
    whom: dict[str, Any] = {} if announcement.corrects is None else {"everybody": everybody}
    log.record(
        "announcement.published",
        announcement,
        at=at,
        actor_id=actor.pk,
        task_force_id=announcement.task_force_id,
        members=announcement.members_count,
        **whom,
    )
    notices.announced(announcement, at=at, everybody=everybody)
    return announcement
