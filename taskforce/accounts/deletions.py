"""The mails about a request for deletion: its receipt, word to those who answer it, and its answer."""

from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from taskforce.accounts import queries, rules
from taskforce.accounts.enums import DeletionState
from taskforce.accounts.models import DeletionRequest, User
from taskforce.accounts.transitions import DELETION
from taskforce.core import text
from taskforce.notifications import kinds, previews, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import Context, MailKind

# What a data officer can answer, and the state that the mail then tells.
ANSWERS = {action: DELETION["open", action] for action in ("do", "part", "refuse")}


def _sample() -> Context:
    return {"url": _address(translation.get_language() or "en"), "asked_at": "2022-02-15T12:00:00+00:00"}


def _sample_answer() -> Context:
    answer = "Your account and your answers are deleted. The history of the texts stays, since it is public."
    return {**_sample(), **_told(DeletionState.PARTLY, answer, "en")}


def _sample_waits() -> Context:
    page = _page(1, translation.get_language() or "en")
    return {"url": page, "asked_at": "2022-02-15T12:00:00+00:00", "nobody": False}


ASKED = MailKind("deletion-asked", MailClass.TRANSACTIONAL, sample=_sample)
# To staff: neither who it is nor why is in it, since each look at that is an entry of the log.
WAITS = MailKind("deletion-waits", MailClass.TRANSACTIONAL, sample=_sample_waits)
ANSWERED = MailKind("deletion-answered", MailClass.TRANSACTIONAL, sample=_sample_answer, secrets=("answer",))


def register() -> None:
    """Make the kinds known to the outbox."""
    for kind in (ASKED, WAITS, ANSWERED):
        kinds.register(kind)


def asked(request: DeletionRequest, user: User, *, at: datetime) -> None:
    """To the person: the request has arrived. None of their words is in it."""
    _send(ASKED, request, user, {}, at)


def waits(request: DeletionRequest, *, at: datetime) -> None:
    """To everybody who may answer it, in their own language: once for each request, and nobody about their own.

    Where there is nobody, to those who may appoint somebody.
    """
    officers = _others(queries.holders(rules.WHO["deletion.answer"]), request)
    for reader in officers or _others(queries.appointers(rules.OFFICER_FOR_ALL), request):
        page = _page(request.pk, reader.language) if officers else _appointing(reader.language)
        services.enqueue(
            WAITS.name,
            key=f"{_waits_key(request)}{reader.pk}",
            mailbox=next(iter(queries.confirmed_mailboxes(reader)), reader.email),
            language=reader.language,
            zone=reader.zone,
            context={"url": page, "asked_at": _minute(request), "nobody": not officers},
            at=at,
        )


def _others(users: list[User], request: DeletionRequest) -> list[User]:
    return [one for one in users if one.pk != request.user_id]


def over(request: DeletionRequest) -> None:
    """Nobody has to answer it any more: whom the mail about it has not left for yet gets none."""
    services.take_back_singles(_waits_key(request))


def _waits_key(request: DeletionRequest) -> str:
    return f"{WAITS.name}:{request.pk}:"


def answered(request: DeletionRequest, user: User | None, *, at: datetime) -> None:
    """To the person: what became of it, with the officer's words, which are blanked once the mail has gone."""
    _send(ANSWERED, request, user, _told(request.state, request.answer, _own()), at)


def language_of(request: DeletionRequest) -> str:
    """The language in which the person gets these mails: their account's, or what the request keeps of it."""
    if request.user is not None:
        return request.user.language
    return request.language or settings.LANGUAGE_CODE


def account_of(request: DeletionRequest) -> str:
    """The account that asks, as `deploy/forget.sql` takes it: number and UTC second in which it was made; "" if gone.

    A number alone may be given again after a restore, and an address may become another person's.
    """
    user = request.user
    return "" if user is None else f"{user.pk}@{user.date_joined.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def preview(request: DeletionRequest, action: str, answer: str) -> previews.Preview:
    """The mail that an answer of `ANSWERS` would send, in the person's language; nothing is sent."""
    language = language_of(request)
    told = _told(ANSWERS[action], answer, _own())
    return previews.preview(ANSWERED, _context(request, language, told), language)


def _own() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _told(outcome: str, answer: str, language: str) -> Context:
    """The outcome, and the officer's words with the language that they seem to be in: that of their page, if any."""
    return {"outcome": str(outcome), "answer": {"text": answer, "language": text.script_language(answer, language)}}


def _send(kind: MailKind, request: DeletionRequest, user: User | None, told: Context, at: datetime) -> None:
    language = language_of(request)
    services.enqueue(
        kind.name,
        key=f"{kind.name}:{request.pk}",
        # Their main address as it is now: the one of that day may be the very reason why they ask.
        mailbox=user.email if user is not None else request.mailbox,
        language=language,
        zone=user.zone if user is not None else request.zone or settings.TIME_ZONE,
        context=_context(request, language, told),
        at=at,
    )


def _context(request: DeletionRequest, language: str, told: Context) -> Context:
    """Without an account there is no page of it to lead to."""
    return {
        "url": _address(language) if request.user is not None else "",
        "asked_at": _minute(request),
        **told,
    }


def _minute(request: DeletionRequest) -> str:
    return request.asked_at.replace(second=0, microsecond=0).isoformat()


def _address(language: str) -> str:
    with translation.override(language):
        return f"{settings.SITE_URL}{reverse('account_deletion')}"


def _page(request_id: int, language: str) -> str:
    """The page of a request on the staff side."""
    with translation.override(language):
        return f"{settings.SITE_URL}{reverse('admin:accounts_deletionrequest_change', args=[request_id])}"


def _appointing(language: str) -> str:
    """The page on which roles are given."""
    with translation.override(language):
        return f"{settings.SITE_URL}{reverse('admin:accounts_rolegrant_give')}"
