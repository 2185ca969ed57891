"""Wrong passwords count for an account by whatever address, and what is refused counts for nobody."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account import forms
from allauth.account.models import EmailAddress
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings

from taskforce.accounts import guesses, second_factor
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import CONFIRM
from tests.clients import Client
from tests.limits.standing import behind_a_proxy as behind_a_proxy
from tests.limits.standing import stand_still
from tests.limits.test_mailboxes import CODE, LOGIN, PASSWORD, counted_checks, post
from tests.limits.test_mailboxes import ann as ann
from tests.sampling import FIGURE

pytestmark = pytest.mark.django_db
OF_ADDRESS, OF_ACCOUNT, _OF_DAY = table.OF_SIGN_IN["login_failed"]
WRONG, TOO_OFTEN = "wrong", "Too many wrong passwords"


@pytest.fixture(autouse=True)
def standing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No span ends while a test runs."""
    stand_still(monkeypatch)


def test_what_a_stranger_tries_at_the_codes_of_a_day(
    ann: User, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, str], None]
) -> None:
    """From as many addresses and in as many windows as they like: so often is something compared with a code."""
    compared = []

    def compare(*, actual: str, expected: str) -> bool:
        compared.append(bool(expected))
        return bool(compare_user_code(actual=actual, expected=expected))

    monkeypatch.setattr(forms, "compare_user_code", compare)
    codes, begun = set(), time.time()
    for turn in range(table.CODES_TO_ACCOUNT.most + 2):
        window = Client()
        monkeypatch.setattr(time, "time", partial(float, begun + turn))
        assert post(CODE, {"email": ann.email}, source=turn, client=window).status_code == 302
        codes.add(OutboxMessage.objects.latest("pk").context["code"])
        for _ in range(table.CODE_TRIES.most + 1):
            post(CONFIRM, {"code": "BBBB-BBBB"}, source=turn, client=window)
    tries = table.CODES_TO_ACCOUNT.most * table.CODE_TRIES.most
    assert (sum(compared), len(codes)) == (tries, table.CODES_TO_ACCOUNT.most)
    assert table.CODES_TO_ACCOUNT.within == timedelta(days=1)
    assert all(re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}", code) for code in codes)
    record_property(FIGURE, f"a stranger's tries at the codes of one address in a day: {tries}")
    assert f"{tries} tries a day" in (settings.BASE_DIR / "docs" / "security.md").read_text("utf-8")


@pytest.fixture
def ann_by_two(ann: User) -> User:
    """Ann, who has a second address."""
    EmailAddress.objects.create(user=ann, email="annie@example.org", verified=True)
    return ann


def tried(mailbox: str, password: str = WRONG, *, source: int, client: Client | None = None) -> str:
    """What comes of one password."""
    answer = post(LOGIN, {"login": mailbox, "password": password}, source=source, client=client)
    return "in" if answer.status_code == 302 else "too often" if TOO_OFTEN in answer.content.decode() else "wrong"


def page(mailbox: str, source: int) -> tuple[int, str]:
    """Status and bytes of one wrong password, the address left out."""
    answer: Any = post(LOGIN, {"login": mailbox, "password": "wrong"}, source=source)
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return answer.status_code, body.replace(mailbox, "*")


@pytest.mark.long
def test_too_often_is_429_and_says_when_to_everybody_alike(ann: User) -> None:
    """Wrong passwords and asking for codes: status and seconds, for an account and for none."""
    span = OF_ACCOUNT.within.total_seconds()
    for mailbox in (ann.email, "nobody@example.org"):
        answers = [post(LOGIN, {"login": mailbox, "password": "x"}, source=turn) for turn in range(OF_ACCOUNT.most + 1)]
        assert [answer.status_code for answer in answers] == [200] * OF_ACCOUNT.most + [429]
        assert span - 60 <= int(answers[-1].headers["Retry-After"]) <= span
        assert not any("Retry-After" in answer.headers for answer in answers[:-1])
        html = answers[-1].content.decode()
        assert TOO_OFTEN in html
        assert f'value="{mailbox}"' in html
    [of_code] = table.OF_SIGN_IN["request_login_code"]
    asked = [post(CODE, {"email": f"b{turn}@example.org"}, source=70) for turn in range(of_code.most + 1)]
    assert [answer.status_code for answer in asked] == [302] * of_code.most + [429]
    assert 0 < int(asked[-1].headers["Retry-After"]) <= of_code.within.total_seconds()


def test_the_time_to_wait_is_what_is_left_of_the_span(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, span = int(time.time()), int(OF_ACCOUNT.within.total_seconds())

    def tried_after(seconds: int) -> Any:
        monkeypatch.setattr(time, "time", partial(float, begun + seconds))
        monkeypatch.setattr(guesses, "real_now", lambda: datetime.fromtimestamp(begun + seconds, UTC))
        return post(LOGIN, {"login": ann.email, "password": "wrong"}, source=80)

    assert [tried_after(10 * turn).status_code for turn in range(OF_ACCOUNT.most)] == [200] * OF_ACCOUNT.most
    waits = [int(tried_after(seconds).headers["Retry-After"]) for seconds in (100, 101, span - 1)]
    assert waits == [span - 100, span - 101, 1]
    assert tried_after(span + 1).status_code == 200


def test_two_addresses_of_an_account_give_no_more_tries_than_one(
    ann_by_two: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = counted_checks(ann_by_two, monkeypatch)
    for turn in range(2 * OF_ACCOUNT.most + 2):
        tried(("ann@example.org", "annie@example.org")[turn % 2], f"x{turn}", source=turn)
    assert len(checked) == OF_ACCOUNT.most
    assert tried("ann@example.org", PASSWORD, source=40) != "in"
    assert tried("annie@example.org", PASSWORD, source=41) != "in"
    assert len(checked) == OF_ACCOUNT.most


def test_a_used_up_address_tells_nothing_about_another(ann_by_two: User) -> None:
    """Neither that it is the same person's nor that there is an account: the same bytes as to an unknown address."""
    for turn in range(OF_ACCOUNT.most + 1):
        tried("ann@example.org", source=turn)
    for turn in range(OF_ACCOUNT.most + 2):
        assert page("annie@example.org", 20 + turn) == page("nobody@example.org", 40 + turn)


@pytest.mark.long
def test_a_changed_password_clears_the_counts_of_every_address(ann_by_two: User) -> None:
    owner = Client()
    assert tried("ann@example.org", PASSWORD, source=1, client=owner) == "in"
    for turn in range(OF_ACCOUNT.most):
        tried("ann@example.org", source=20 + turn)
        tried("annie@example.org", source=40 + turn)
    sent = {"oldpassword": PASSWORD, "password1": "quite another secret", "password2": "quite another secret"}
    assert owner.post("/en/accounts/password/change/", sent).status_code == 302
    assert tried("annie@example.org", "quite another secret", source=60) == "in"
    assert tried("ann@example.org", "quite another secret", source=61) == "in"


def test_what_is_refused_at_one_account_costs_nobody_else_at_the_address(ann: User) -> None:
    bob = create_account("bob@example.org", at=app_now(), name="Bob", password=PASSWORD)
    answers = [tried(ann.email, source=7) for _ in range(OF_ACCOUNT.most + OF_ADDRESS.most)]
    assert answers == ["wrong"] * OF_ACCOUNT.most + ["too often"] * OF_ADDRESS.most
    # Bob has what is left of the address's own.
    left = OF_ADDRESS.most - OF_ACCOUNT.most
    assert [tried(bob.email, source=7) for _ in range(left - 1)] == ["wrong"] * (left - 1)
    assert tried(bob.email, PASSWORD, source=7) == "in"


@pytest.mark.long
def test_what_an_address_is_refused_costs_no_account(ann: User) -> None:
    for turn in range(OF_ADDRESS.most):
        tried(f"nobody{turn}@example.org", source=7)
    assert [tried(ann.email, source=7) for _ in range(OF_ACCOUNT.most + 1)] == ["too often"] * (OF_ACCOUNT.most + 1)
    assert tried(ann.email, PASSWORD, source=8) == "in"


@pytest.mark.long
def test_app_codes_that_are_refused_cost_nobody_else_at_the_address(ann: User) -> None:
    bob = create_account("bob@example.org", at=app_now(), name="Bob", password=PASSWORD)
    second_factor.give(ann, "A" * 32, "0" * 40, at=app_now())
    browser = Client()
    assert tried(ann.email, PASSWORD, source=7, client=browser) == "in"
    for _ in range(OF_ACCOUNT.most + OF_ADDRESS.most):
        post("/en/accounts/2fa/authenticate/", {"code": "000000"}, source=7, client=browser)
    assert tried(bob.email, source=7) == "wrong"
    assert tried(bob.email, PASSWORD, source=7) == "in"
