"""What goes into the outbox, and what is taken back before it leaves."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from taskforce.audit import log
from taskforce.core import locks
from taskforce.core.clock import real_now
from taskforce.core.states import step
from taskforce.notifications import kinds, rules
from taskforce.notifications.enums import UNSENT, MailClass, MailingState, MessageState
from taskforce.notifications.kinds import Context
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.services import rows
from taskforce.notifications.transitions import MAILING, MESSAGE

# A failed mail goes once more where staff say so.
_MAY_GO = (MessageState.QUEUED, MessageState.FAILED)
_SUPERSEDABLE = [state for state, action in MAILING if action == "supersede"]


@transaction.atomic
def enqueue(
    kind: str,
    *,
    key: str,
    mailbox: str,
    language: str,
    zone: str = "UTC",
    context: Context,
    at: datetime,
    valid_until: datetime | None = None,
    task_force_id: int | None = None,
    topic: str = "",
    wait: timedelta = timedelta(0),
) -> OutboxMessage:
    """Write a mail to one person, in the transaction of the act that causes it; the same key gives the same row.

    `context` is plain JSON and frozen here. `at` and `valid_until` are on the portal's clock; after `valid_until` the
    mail is not sent. With a `topic` it can be left by one click; it does not leave before the end of `wait`.
    Raises `kinds.UnknownKind`. An unusable mailbox is no
    error of the act: the mail fails, visibly.
    """
    terms = rows.Terms(at, valid_until, task_force_id, topic)
    row = rows.new(kinds.get(kind), key, (mailbox, language, zone), context, terms)
    row.not_before += wait
    OutboxMessage.objects.bulk_create([row], ignore_conflicts=True)
    return OutboxMessage.objects.get(key=key)


@transaction.atomic
def publish_mailing(
    kind: str,
    *,
    key: str,
    params: kinds.Params,
    at: datetime,
    valid_until: datetime | None = None,
    task_force_id: int | None = None,
    topic: str = "",
    corrects_id: int | None = None,
) -> Mailing:
    """Write a mailing to everybody in the kind's audience; costs the same for five and for 50,000 people.

    The same key gives the same mailing. With a `topic` its mails can be left by one click; `corrects_id` is the mailing
    that this one puts right. Raises `kinds.UnknownKind`, and ValueError for a kind without audience.
    """
    known = kinds.get(kind)
    if known.audience is None or known.context is None:
        raise ValueError(f"{kind} is no mail to many: it has no audience or no context")
    _share_mailings()
    mailing, made = Mailing.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "params": params,
            "created_at": at,
            "valid_until": valid_until,
            "not_before": real_now(),
            "task_force_id": task_force_id,
            "topic": topic,
            "corrects_id": corrects_id,
        },
    )
    if made:
        log.record("mailing.published", mailing, at=at, actor_id=None, task_force_id=task_force_id, kind=kind, key=key)
    return mailing


def hold_mailings() -> None:
    """Wait until no mailing is under way to be committed, and let none be: to the end of the transaction.

    For whoever must see all that there are, and nobody's list be read between. Before any mail is touched: those who
    make a mailing hold the other side of this lock before they touch any, too.
    """
    locks.take(locks.Kind.MAILINGS, 0)


def _share_mailings() -> None:
    locks.share(locks.Kind.MAILINGS, 0)


@transaction.atomic
def supersede(key_prefix: str) -> int:
    """Take back every mailing under this prefix: nothing more of it is written or leaves once this is committed.

    Returns how many mailings that were. Costs the same for five mails and for 50,000: the mailing alone is marked, no
    sender lets a mail of it go, and `clear_superseded` brings its rows after.
    """
    if not key_prefix:
        raise ValueError("an empty prefix would take back every mailing")
    _share_mailings()
    return Mailing.objects.filter(state__in=_SUPERSEDABLE, key__startswith=key_prefix).update(
        state=step(MAILING, MailingState.QUEUED, "supersede")
    )


@transaction.atomic
def take_back_singles(key_prefix: str, *, task_force_id: int | None = None, failed_too: bool = False) -> int:
    """Take back the mails to one person under this prefix (of one task force, or of all) that are still queued; returns
    how many.

    With `failed_too` also those that staff could send again. What a sender holds at this moment goes: what its link
    opens must say by itself that it is over.
    """
    if not key_prefix:
        raise ValueError("an empty prefix would take back every mail")
    states = _MAY_GO if failed_too else (MessageState.QUEUED,)
    found = OutboxMessage.objects.filter(state__in=states, mailing=None, key__startswith=key_prefix)
    if task_force_id is not None:
        found = found.filter(task_force_id=task_force_id)
    return found.update(state=step(MESSAGE, MessageState.QUEUED, "supersede"), context={})


@transaction.atomic
def take_back_unheard(key_prefix: str) -> bool:
    """As `take_back_singles`; whether it took back all that there was, so that nobody has heard or will hear of it."""
    taken_back = take_back_singles(key_prefix)
    others = OutboxMessage.objects.filter(mailing=None, key__startswith=key_prefix)
    return taken_back > 0 and not others.exclude(state=MessageState.SUPERSEDED).exists()


@transaction.atomic
def freshen_singles(key_prefix: str, freshen: Callable[[Context], Context | None]) -> int:
    """Let the mails to one person under this prefix that may still go say what holds now, by `freshen` of what each
    says, and take back those of which nothing does (None); returns how many were changed.

    Those are the queued ones, and the failed ones that staff may send again. They are held until the transaction ends,
    so that no sender takes one meanwhile. What a sender holds at this moment is left to it. Costs two statements,
    however many they are.
    """
    if not key_prefix:
        raise ValueError("an empty prefix would be every mail")
    found = OutboxMessage.objects.filter(state__in=_MAY_GO, mailing=None, key__startswith=key_prefix)
    changed = []
    for message in found.select_for_update().order_by("pk"):
        context = freshen(message.context)
        if context == message.context:
            continue
        if context is None:
            message.state = step(MESSAGE, message.state, "supersede")
        message.context = context or {}
        changed.append(message)
    OutboxMessage.objects.bulk_update(changed, ["state", "context"])
    return len(changed)


@transaction.atomic
def clear_superseded(limit: int = 500) -> int:
    """Bring after up to so many queued rows whose mailing was taken back; returns how many.

    What a sender holds at this moment is left to it: it will not let it go either.
    """
    waiting = OutboxMessage.objects.filter(state=MessageState.QUEUED, mailing__state=MailingState.SUPERSEDED)
    found = waiting.select_for_update(of=("self",), skip_locked=True).order_by("id").values_list("pk", flat=True)
    return OutboxMessage.objects.filter(pk__in=list(found[:limit])).update(
        state=step(MESSAGE, MessageState.QUEUED, "supersede"), context={}
    )


@transaction.atomic
def move_end(key_prefix: str, *, valid_until: datetime) -> int:
    """Let the mailings under this prefix be of use until another moment (portal's clock); returns how many they are.

    Costs the same whatever has been written of them: a mail of a mailing is of use as long as its mailing, and what it
    says is asked when it goes (`MailKind.renewed`).
    """
    _share_mailings()
    return Mailing.objects.filter(key__startswith=key_prefix).update(valid_until=valid_until)


@transaction.atomic
def take_back(mailbox: str, *, task_force_id: int | None = None, topic: str = "", instead: str = "") -> int:
    """Take back the queued announcements of a mailbox that has left, or wants them otherwise; returns how many.

    Of one task force, of one topic, or (None, "") all. `instead` says how it wants them and stands at the rows, for
    staff; of whoever has left ("") what failed or is of unknown outcome is taken back too, so that nobody sends it
    again. What the person asked for (a code, a receipt) still goes. A mailing that is being expanded at this moment,
    from a list that still holds the mailbox, finds its place taken.
    """
    scope = ({} if task_force_id is None else {"task_force_id": task_force_id}) | ({"topic": topic} if topic else {})
    left = {
        "state": step(MESSAGE, MessageState.QUEUED, "supersede"),
        "error": instead or "the recipient has left",
    }
    unfinished = Mailing.objects.select_for_update().filter(state=MailingState.QUEUED, **scope).order_by("pk")
    places = [_place(mailing, mailbox, left) for mailing in unfinished]
    OutboxMessage.objects.bulk_create(filter(None, places), ignore_conflicts=True)
    unsent = OutboxMessage.objects.filter(
        state__in=[MessageState.QUEUED] if instead else UNSENT,
        mail_class=MailClass.ANNOUNCEMENT,
        mailbox__iexact=mailbox.strip(),
        **scope,
    )
    return unsent.update(context={}, **left)


def _place(mailing: Mailing, mailbox: str, left: dict[str, str]) -> OutboxMessage | None:
    """The mailbox's row of a mailing, taken back before it is written."""
    try:
        kind = kinds.get(mailing.kind)
    except kinds.UnknownKind:
        return None
    if kind.mail_class != MailClass.ANNOUNCEMENT:
        return None
    row = rows.of_mailing(kind, mailing, (mailbox, settings.LANGUAGE_CODE, "UTC"), {}, mailing.created_at)
    for name, value in left.items():
        setattr(row, name, value)
    return row


@transaction.atomic
def stop_mailing(mailing_id: int, *, at: datetime, actor_id: int | None, allow: rules.Allow | None) -> int:
    """Stop a mailing: nothing more of it is written or claimed once this is committed; returns how many it took back.

    `at` is on the portal's clock. `Conflict` where it was stopped already or is over otherwise. A sender that holds a
    mail for longer than a second asks once more before it sends; what was claimed within that second, or is with the
    mail server already, still arrives.
    """
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    rules.ask(allow, mailing)
    mailing.state = step(MAILING, MailingState(mailing.state), "stop")
    mailing.stopped_at = at
    mailing.save(update_fields=["state", "stopped_at"])
    taken_back = mailing.messages.filter(state=MessageState.QUEUED).update(
        state=step(MESSAGE, MessageState.QUEUED, "supersede"), error="the mailing was stopped"
    )
    log.record(
        "mailing.stopped", mailing, at=at, actor_id=actor_id, task_force_id=mailing.task_force_id, count=taken_back
    )
    return taken_back
