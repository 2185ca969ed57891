"""Few mails to one mailbox, an end to all mails that strangers cause, and a way in for its owner meanwhile."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.core.cache import cache

from feedback.enums import Participation
from feedback.models import FeedbackWindow
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.limits.mailboxes import folded
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.feedback.conftest import quick_visitors as quick_visitors
from tests.feedback.conftest import text as text
from tests.feedback.conftest import version as version
from tests.feedback.conftest import window as window
from tests.feedback.pages import address, fresh
from tests.limits.standing import behind_a_proxy as behind_a_proxy
from tests.limits.standing import stand_still
from tests.limits.test_addresses import FIELDS, FOLLOW
from tests.sampling import FIGURE, WHOLE

PASSWORD = "a long enough secret"
LOGIN, CODE = "/en/accounts/login/", "/en/accounts/login/code/"
SIGN_UP, RESET = "/en/accounts/signup/", "/en/accounts/password/reset/"
PASSWORDS = {"password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def ann(tf: TaskForce) -> User:
    """Somebody with an account and a password."""
    return create_account("ann@example.org", at=app_now(), name="Ann", password=PASSWORD)


@pytest.fixture
def by_mail(tf: TaskForce, window: FeedbackWindow) -> None:
    """A window for whoever confirms a mail address."""
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=Participation.MAIL)


def post(path: str, fields: dict[str, Any], *, source: int = 0, client: Client | None = None) -> Any:
    """A post from the address with this number."""
    sender = f"198.51.{source // 250}.{source % 250 + 1}"
    return (client or Client()).post(path, fields, headers={"x-forwarded-for": sender})


def ask(turn: int, mailbox: str, source: int) -> Any:
    """One of the five forms that send a mail, by turns; the last one is there with `by_mail`."""
    path = (FOLLOW, CODE, RESET, SIGN_UP, address())[turn % 5]
    if path == address():
        return post(path, fresh(Client(), mailbox=mailbox), source=source)
    fields = {"email": mailbox, **(FIELDS if path == FOLLOW else PASSWORDS if path == SIGN_UP else {})}
    return post(path, fields, source=source)


def spelled(turn: int) -> str:
    """The same mailbox as many servers read it, in another spelling."""
    dice = random.Random(turn)
    user = "".join(letter + ("." if dice.random() < 0.3 and letter != "b" else "") for letter in "bomb")
    tag = f"+{dice.randrange(10**6)}" if turn % 3 else ""
    return "".join(dice.choice((letter, letter.upper())) for letter in f"{user}{tag}@example.org")


@pytest.mark.django_db
def test_a_mailbox_is_not_flooded_over_all_forms(by_mail: None, record_property: Callable[[str, str], None]) -> None:
    tries = 1000 if WHOLE else 40
    for turn in range(tries):
        answer = ask(turn, spelled(turn), source=turn % 200)
        assert answer.status_code in (200, 302, 303, 429)
    assert {folded(mailbox) for mailbox in OutboxMessage.objects.values_list("mailbox", flat=True)} == {
        "bomb@example.org"
    }
    mails = OutboxMessage.objects.count()
    record_property(FIGURE, f"{tries} tries to send mail to one mailbox: {mails} mails")
    assert mails == table.MAILS_TO_UNCONFIRMED.most


@pytest.mark.long
@pytest.mark.django_db
def test_the_mailbox_of_an_account_is_not_flooded_either(
    by_mail: None, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CODES_TO_ACCOUNT", "LINKS_TO_ACCOUNT"):
        monkeypatch.setattr(table, name, getattr(table, name)._replace(most=5))
    for turn in range(40):
        ask(turn + 1, ann.email, source=turn)
        cache.clear()  # as if allauth's minute were over
    assert OutboxMessage.objects.count() == 2 * 5 + table.MAILS_TO_UNCONFIRMED.most


@pytest.mark.long
@pytest.mark.django_db
def test_one_sender_does_not_write_to_everybody(by_mail: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAILS_OF_SENDER", table.MAILS_OF_SENDER._replace(most=8))
    answers = [ask(turn, f"a{turn}@example.org", source=1) for turn in range(2, 12)]
    assert [answer.status_code == 429 for answer in answers] == [False] * 8 + [True] * 2
    assert OutboxMessage.objects.count() == 8
    assert 3500 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert "Wait 60 minutes" in answers[-1].content.decode()
    assert post(CODE, {"email": "b@example.org"}, source=2).status_code == 302


@pytest.mark.django_db
def test_all_strangers_together_have_an_end_too_and_known_or_not_looks_the_same(
    by_mail: None, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MAILS_OF_ALL", table.MAILS_OF_ALL._replace(most=6))
    for turn in range(6):
        assert ask(turn, f"a{turn}@example.org", source=turn).status_code != 429
    for turn, mailbox in enumerate([ann.email, "bob@example.org"] * 5):
        assert ask(turn // 2, mailbox, source=50 + turn).status_code == 429
    assert OutboxMessage.objects.count() == 6


# --- guessing ------------------------------------------------------------------------------------------------------


def guess(turn: int, email: str, password: str) -> bool:
    """Whether this password, tried from yet another address, lets somebody in."""
    return bool(post(LOGIN, {"login": email, "password": password}, source=turn).status_code == 302)


def counted_checks(owner: User, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that are compared with this account's from now on."""
    checked: list[str] = []
    check = User.check_password

    def counting(user: User, raw: str) -> bool:
        if user.pk == owner.pk:
            checked.append(raw)
        return check(user, raw)

    monkeypatch.setattr(User, "check_password", counting)
    return checked


@pytest.mark.django_db
def test_guessing_comes_to_an_end_and_the_owner_still_gets_in(
    ann: User, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, str], None]
) -> None:
    stand_still(monkeypatch)
    tries, checked = 1000 if WHOLE else 21, counted_checks(ann, monkeypatch)
    bob = create_account("bob@example.org", at=app_now(), name="Bob", password=PASSWORD)
    most = table.OF_SIGN_IN["login_failed"][1].most
    for turn in range(tries):
        email = (ann.email, ann.email.upper())[turn % 2]
        assert not guess(turn, email, f"guess {turn}")
        if turn % most == 0:
            # Who guesses signs in with an account of their own in between: that gives no further tries.
            assert guess(turn, bob.email, PASSWORD)
    record_property(FIGURE, f"{tries} tries to guess a password: {len(checked)} looked at, the limit is {most}")
    assert len(checked) <= most
    assert not guess(5000, ann.email, PASSWORD)  # the right one would have been of no use any more
    browser = Client()
    assert post(CODE, {"email": ann.email}, source=6000, client=browser).status_code == 302
    code = OutboxMessage.objects.get(mailbox=ann.email).context["code"]
    answer = post(f"{CODE}confirm/", {"code": code}, source=6000, client=browser)
    assert answer.status_code == 302
    assert browser.session["_auth_user_id"] == str(ann.pk)


@pytest.mark.long
@pytest.mark.django_db
def test_the_limit_of_a_day_holds_where_minutes_pass(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if somebody tried for hours, always as often as the five minutes allow."""
    begun, checked = ratelimit.time.time(), counted_checks(ann, monkeypatch)
    for turn in range(54):
        monkeypatch.setattr(ratelimit.time, "time", partial(float, begun + turn * 61))
        guess(turn, ann.email, f"guess {turn}")
    assert len(checked) == table.OF_SIGN_IN["login_failed"][2].most
