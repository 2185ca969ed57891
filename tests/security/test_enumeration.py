"""Nobody learns who has an account or follows what: not by a byte of an answer, nor by the time that it takes.

Mails leave by the outbox, so a mail server that is down (in tests there is none at all) changes nothing of it.
"""

import os
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from feedback.enums import Participation
from feedback.models import FeedbackWindow
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from taskforce.limits import mailboxes, table
from taskforce.limits.models import Counter
from taskforce.notifications import leaving
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import asking, gates, services
from taskforce.timeline.asking import Ask
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import Stand
from tests.feedback.conftest import quick_visitors as quick_visitors
from tests.feedback.conftest import text as text
from tests.feedback.conftest import version as version
from tests.feedback.conftest import window as window
from tests.feedback.pages import address, filled
from tests.sampling import FIGURE, WHOLE

Patch = pytest.MonkeyPatch
PASSWORD = "a long enough secret"
PASSWORDS = {"password1": PASSWORD, "password2": PASSWORD}
CHOICES = {"topics": ["deadlines"], "frequency": "immediate", "language": "en", "zone": "UTC"}
KNOWN, UNKNOWN = "known@example.org", "other@example.org"


def say(email: str) -> dict[str, Any]:
    """What is said in a window that asks for a mail address, by a form that was just shown."""
    return {**filled(Client()), "mailbox": email}


# Each form, and what is sent from it for an address.
FORMS: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "sign-up": ("/en/accounts/signup/", lambda email: {"email": email, **PASSWORDS}),
    "code": ("/en/accounts/login/code/", lambda email: {"email": email}),
    "password": ("/en/accounts/login/", lambda email: {"login": email, "password": "not this one"}),
    "reset": ("/en/accounts/password/reset/", lambda email: {"email": email}),
    "follow": ("/en/subscriptions/leadership-development/", lambda email: {"email": email, **CHOICES}),
    "feedback": (address(), say),
}
# What is drawn by lot for each form of a window, and for what came by it, each as long as any other.
DRAWN = re.compile(rb'(?<=name="form_key" value=")[^"]+|(?<=/mine/)[\w-]{43}(?=/)|\bF-\w{4}-\w{4}\b')


@pytest.fixture(autouse=True)
def nothing_counted_yet(db: None) -> Iterator[None]:
    """allauth counts in the cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def known(tf: TaskForce, window: FeedbackWindow) -> User:
    """Somebody with an account, who follows a task force, which has a window for whoever confirms a mail address."""
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=Participation.MAIL)
    user = create_account(KNOWN, at=app_now(), name="Known", password=PASSWORD)
    services.follow(tf, mailbox=KNOWN, topics=["deadlines"], language="en", at=app_now())
    return user


def seen(answer: Any) -> tuple[int, dict[str, str], list[str], str]:
    """Status, headers, names of cookies with their attributes, and body of an answer, without what is random."""
    headers = {
        name: without_lot(value.encode()).decode()
        for name, value in answer.headers.items()
        if name not in ("Date", "Expires", "X-Request-ID", "ETag")
    }
    cookies = [
        re.sub(r"=[^;]*|expires=[^;]*", "", morsel.OutputString(), count=1) for morsel in answer.cookies.values()
    ]
    body = without_lot(re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answer.content)).decode()
    return answer.status_code, headers, sorted(re.sub(r"expires=[^;]*", "", one) for one in cookies), body


def without_lot(found: bytes) -> bytes:
    """The same without what is drawn by lot; how long that is stays to be seen."""
    return DRAWN.sub(lambda drawn: b"*" * len(drawn[0]), found)


def journey(path: str, fields: dict[str, Any]) -> list[tuple[int, dict[str, str], list[str], str]]:
    """All that a browser gets: the form, the answer to it, and every page that it leads to; twice over."""
    client, found = Client(), []
    for _ in range(2):
        found.append(seen(shown := client.get(path)))
        key = re.search(rb'name="form_key" value="([^"]+)"', shown.content)
        found.append(seen(answer := client.post(path, {**fields, **({"form_key": key[1].decode()} if key else {})})))
        for _ in range(3):
            if answer.status_code not in (302, 303):
                break
            answer = client.get(answer.headers["Location"])
            found.append(seen(answer))
    return found


def told_apart(one: Any, other: Any) -> bool:
    """Whether two journeys differ in anything but the address that was typed."""
    return repr(one).replace(KNOWN, "*") != repr(other).replace(UNKNOWN, "*")


@pytest.mark.parametrize("name", FORMS)
def test_known_and_unknown_get_the_same_bytes(known: User, standing: Stand, name: str) -> None:
    """At one moment: a receipt says to the second when something came."""
    standing(app_now())
    path, fields = FORMS[name]
    one, other = journey(path, fields(KNOWN)), journey(path, fields(UNKNOWN))
    assert [kind for kind, mine, theirs in zip("abcdefgh", one, other, strict=False) if told_apart(mine, theirs)] == []
    assert len(one) == len(other)


@pytest.mark.parametrize("name", FORMS)
def test_the_same_goes_for_an_account_that_was_not_confirmed(known: User, standing: Stand, name: str) -> None:
    standing(app_now())
    EmailAddress.objects.update(verified=False)
    path, fields = FORMS[name]
    assert not told_apart(journey(path, fields(KNOWN)), journey(path, fields(UNKNOWN)))


def test_a_form_of_a_window_tells_nothing_of_who_has_had_their_mails(known: User, standing: Stand) -> None:
    """Neither of an address to which no more mails go out today; nothing but the moment differs a second later."""
    standing(now := app_now() + timedelta(seconds=5))
    path, fields = FORMS["feedback"]
    for _ in range(table.MAILS_TO_UNCONFIRMED.most):
        mailboxes.admit(KNOWN)
    one, other = journey(path, fields(KNOWN)), journey(path, fields(UNKNOWN))
    assert {mail.mailbox for mail in OutboxMessage.objects.filter(kind="feedback-confirm")} == {UNKNOWN}
    assert not told_apart(one, other)
    standing(now + timedelta(seconds=1))
    later = journey(path, fields(UNKNOWN))
    assert told_apart(other, later)
    at = re.compile(rf"{now:%H:%M}:\d\d")
    assert at.sub("", repr(other)) == at.sub("", repr(later))


def test_what_is_drawn_by_lot_is_drawn_without_the_address(known: User, standing: Stand, monkeypatch: Patch) -> None:
    """With the same lots, every byte is the same."""
    standing(app_now())
    path, fields = FORMS["feedback"]
    monkeypatch.setattr(f"{__name__}.DRAWN", re.compile(rb"(?!)"))
    found = []
    for email in (KNOWN, UNKNOWN):
        before, dice = transaction.savepoint(), random.Random(1)
        monkeypatch.setattr(gates, "token_urlsafe", lambda size, dice=dice: dice.randbytes(size).hex())
        monkeypatch.setattr("taskforce.core.tokens.secrets.randbelow", dice.randrange)
        found.append(journey(path, fields(email)))
        transaction.savepoint_rollback(before)
        cache.clear()
    assert "F-" in repr(found[0])
    assert not told_apart(*found)


def test_links_to_leave_and_to_confirm_tell_nothing_of_others(known: User, tf: TaskForce) -> None:
    """Whoever has the link has the mailbox, but a mail program's click gets one answer whatever is followed."""
    answers = []
    for mailbox in (KNOWN, UNKNOWN):
        path = f"/unsubscribe/{leaving.token(Leave(mailbox, tf.pk, ''))}/"
        answers.append([seen(Client().post(path)), seen(Client().post(path))])
    assert answers[0] == answers[1]
    # A link of which nothing is true any more, to an account and to none.
    pages = []
    for mailbox in (KNOWN, UNKNOWN):
        ask = Ask(mailbox, tf.pk, ("updates",), "immediate", "en", "UTC")
        html = Client().get(f"/en/subscriptions/confirm/{asking.token(ask)}/").content.decode()
        pages.append(re.sub(r"[ko]\*\*\*@|/confirm/[^\"]*|value=\"\w{64}\"", "", html))
    assert pages[0] == pages[1]


def test_a_form_that_tells_would_be_seen(known: User) -> None:
    answers = [
        seen(Client().post("/en/accounts/login/", {"login": email, "password": PASSWORD})) for email in (KNOWN, UNKNOWN)
    ]
    assert told_apart(*answers)


# --- time ----------------------------------------------------------------------------------------------------------


class Slow(PBKDF2PasswordHasher):
    """As slow as it must be to be seen, and no slower: some 30 ms."""

    iterations = 60_000


TRIES = 200 if WHOLE else 9
MOST_APART = 0.010
Times = tuple[float, float]


def watch() -> Times:
    """What the clock on the wall says, and how long this process has worked: no busy machine adds to the second."""
    return time.perf_counter(), time.process_time()


def since(begun: Times) -> Times:
    """Seconds gone and seconds worked."""
    wall, worked = watch()
    return wall - begun[0], worked - begun[1]


def opened(path: str) -> Client:
    """The browser of somebody new who has opened a form. It holds no session: one can stand for all who are new."""
    client = Client()
    client.get(path)
    assert set(client.cookies) <= {settings.CSRF_COOKIE_NAME}
    return client


def took(path: str, fields: dict[str, Any], before: Client) -> Times:
    """Seconds that a post takes, as somebody new sends it, whose browser is as another's was before."""
    cache.clear()
    Counter.objects.all().delete()
    client = Client()
    client.cookies = deepcopy(before.cookies)
    begun = watch()
    client.post(path, fields)
    return since(begun)


def apart(known: Callable[[], Times], unknown: Callable[[], Times], tries: int) -> list[tuple[float, float]]:
    """By either clock: the median of differences within pairs, by turns in either order, and that of all times."""
    pairs = []
    for turn in range(tries):
        first, second = (known, unknown) if turn % 2 else (unknown, known)
        one, other = first(), second()
        pairs.append((one, other) if turn % 2 else (other, one))
    return [
        (
            abs(statistics.median(one[clock] - other[clock] for one, other in pairs)),
            statistics.median(times[clock] for pair in pairs for times in pair),
        )
        for clock in range(2)
    ]


def stretched(gone: float, worked: float, load: float) -> float:
    """How many times longer a busy machine has made times on the wall, and their differences, at most.

    Time that was not worked is no proof of it: a form that waits for the database works little on a quiet machine too.
    So it is no more than the `load`, by which as many wait for each core: whoever has one to themselves gets nothing.
    """
    return max(1.0, min(gone / (2 * worked), load))


def test_a_quiet_machine_makes_no_form_longer() -> None:
    assert stretched(0.1, 0.01, 0.5) == 1
    assert stretched(0.1, 0.01, 3) == 3
    assert stretched(0.1, 0.02, 8) == 2.5
    assert stretched(0.1, 0.09, 8) == 1


def is_told(known: Callable[[], Times], unknown: Callable[[], Times], figure: Callable[[str], None] = print) -> bool:
    """Whether time tells them apart; asked anew where it seems so, since noise does not seem so three times.

    The whole run goes by both clocks; where a machine so busy that nothing has half of it makes times longer, it makes
    their differences so too, and that is taken out again (`stretched`): such noise is there three times in a row. The
    daily run goes by the second clock; there too a busy machine makes all times longer, and with them their
    differences: then a part of the whole counts too. A hash that is left out is half of it.
    """
    for _ in range(3):
        (by_wall, gone), (by_work, worked) = apart(known, unknown, TRIES)
        times = (
            f"{1000 * by_wall:.1f} ms of {1000 * gone:.0f} apart, {1000 * by_work:.1f} of {1000 * worked:.0f} of work"
        )
        figure(f"{TRIES} tries, medians {times}")
        longer = stretched(gone, worked, os.getloadavg()[0] / (os.cpu_count() or 1))
        if WHOLE and max(by_wall / longer, by_work) < MOST_APART:
            return False
        if not WHOLE and by_work < max(MOST_APART, 0.2 * worked):
            return False
    return True


@pytest.mark.parametrize("name", FORMS)
def test_known_and_unknown_take_the_same_time(
    known: User, settings: Settings, record_property: Callable[[str, str], None], name: str
) -> None:
    settings.PASSWORD_HASHERS = [f"{Slow.__module__}.{Slow.__name__}"]
    known.set_password(PASSWORD)
    known.save()
    path, fields = FORMS[name]
    before, turn = opened(path), iter(range(10_000))
    assert not is_told(
        lambda: took(path, fields(KNOWN), before),
        lambda: took(path, fields(f"u{next(turn)}@example.org"), before),
        lambda line: record_property(FIGURE, f"{name}, known and unknown: {line}"),
    )


def test_a_sign_up_writes_for_a_known_address_what_it_writes_for_a_new_one(known: User) -> None:
    """The account too, which is taken back: else some milliseconds would be missing."""
    written = []
    for email in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(connection) as asked:
            Client().post("/en/accounts/signup/", {"email": email, **PASSWORDS})
        written.append({found[1] for query in asked if (found := re.search(r'INSERT INTO "(\w+)"', query["sql"]))})
    assert {"accounts_user", "account_emailaddress"} <= written[0] == written[1]
    assert set(User.objects.values_list("email", flat=True)) == {KNOWN, UNKNOWN}


@pytest.mark.long
def test_a_form_that_hashes_for_known_ones_only_would_be_seen(known: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{Slow.__module__}.{Slow.__name__}"]

    def hashing(password: str) -> Times:
        begun = watch()
        if password:
            known.set_password(password)
        return since(begun)

    assert is_told(lambda: hashing(PASSWORD), lambda: hashing(""))


# --- one address, one account --------------------------------------------------------------------------------------

SAME = (
    "Known@example.org",
    "KNOWN@EXAMPLE.ORG",
    "known@EXAMPLE.org",
    "  known@example.org ",
    "known@ｅｘａｍｐｌｅ.org",
    "\u212anown@example.org",  # the sign of the unit kelvin, whose small letter is a plain k
)
LOOK_ALIKE = (
    "ｋnown@example.org",
    "known@example。org",
    "kn\u2134wn@example.org",  # script small o
    "know\u0578@example.org",  # Armenian
    "kn\u043ewn@example.org",  # Cyrillic
    "kno\u200bwn@example.org",
)


@pytest.mark.parametrize("email", SAME + LOOK_ALIKE)
def test_variants_of_an_address_make_no_second_account(known: User, email: str) -> None:
    Client().post("/en/accounts/signup/", {"email": email, **PASSWORDS})
    assert list(User.objects.values_list("email", flat=True)) == [KNOWN]
    assert set(OutboxMessage.objects.values_list("mailbox", flat=True)) == ({KNOWN} if email in SAME else set())


@pytest.mark.parametrize(
    ("mailbox", "typed"),
    [
        ("mike@example.org", "m\u0131ke@example.org"),  # dotless i
        ("mike@example.org", "m\u0130ke@example.org"),
        ("mike@example.org", "mi\u03bae@example.org"),  # Greek
        ("sam@example.org", "\u017fam@example.org"),  # long s
        ("fish@example.org", "\ufb01sh@example.org"),
        ("mike@example.org", "mike@e\u0445ample.org"),  # Cyrillic, another domain
    ],
)
@pytest.mark.parametrize("path", ["/en/accounts/password/reset/", "/en/accounts/login/code/"])
def test_no_look_alike_gets_the_mail_of_another(tf: TaskForce, path: str, mailbox: str, typed: str) -> None:
    create_account(mailbox, at=app_now(), name="Mike", password=PASSWORD)
    Client().post(path, {"email": typed})
    kinds = set(OutboxMessage.objects.values_list("kind", flat=True))
    assert kinds <= {"account-unknown"}
    assert not OutboxMessage.objects.filter(mailbox=mailbox).exists()


@pytest.mark.parametrize(
    "email",
    ["a@[127.0.0.1]", "a@[IPv6:::1]", "a@localhost", "a@127.0.0.1", "a@intern", "a@b@example.org", '"a b"@example.org'],
)
@pytest.mark.parametrize("name", ["sign-up", "code", "reset", "follow", "own"])
def test_no_form_takes_an_address_that_is_no_mailbox(known: User, name: str, email: str) -> None:
    client = Client()
    if name == "own":
        client.force_login(known)
        path, fields = "/en/accounts/email/", {"action_add": "", "email": email}
    else:
        path, fields = FORMS[name][0], FORMS[name][1](email)
    answer = client.post(path, fields)
    assert answer.status_code == 200  # the form again
    assert not OutboxMessage.objects.exists()
    assert User.objects.count() == 1


# --- all at once ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_twenty_sign_ups_at_once_are_one_account(transactional_db: None) -> None:
    def sign_up(turn: int) -> tuple[int, str]:
        client = Client(raise_request_exception=False)
        email = ("new@example.org", "New@example.org")[turn % 2]
        try:
            # As if they came from as many places: it is not the limit that holds them off.
            answer = client.post("/en/accounts/signup/", {"email": email, **PASSWORDS}, REMOTE_ADDR=f"192.0.2.{turn}")
            return answer.status_code, answer.headers.get("Location", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(sign_up, range(20)))
    assert User.objects.count() == EmailAddress.objects.count() == 1
    assert {status for status, _ in answers} <= {302, 429}
    assert {place for status, place in answers if status == 302} == {"/en/accounts/confirm-email/"}
