"""A mailbox that nobody has confirmed: few mails a day, and no one address that uses them up."""

from itertools import permutations

import pytest
from django.core.cache import cache

from taskforce.accounts.queries import is_confirmed
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.limits.mailboxes import admit_many, may_ask
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.limits.standing import behind_a_proxy as behind_a_proxy
from tests.limits.standing import stand_still
from tests.limits.test_mailboxes import CODE, PASSWORDS, RESET, SIGN_UP, ask, post
from tests.limits.test_mailboxes import by_mail as by_mail
from tests.limits.test_mailboxes import quick_visitors as quick_visitors
from tests.limits.test_mailboxes import text as text
from tests.limits.test_mailboxes import version as version
from tests.limits.test_mailboxes import window as window

pytestmark = pytest.mark.django_db
NEW = "new@example.org"
CODE_SENT = "account-confirm-code"
FEW = "An address gets only few such mails a day"


@pytest.fixture(autouse=True)
def standing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No span ends while a test runs."""
    stand_still(monkeypatch)


def kinds() -> list[str]:
    """The mails that went to the newcomer."""
    return list(OutboxMessage.objects.filter(mailbox=NEW).order_by("pk").values_list("kind", flat=True))


def count() -> int:
    """How many they were."""
    return len(kinds())


def signs_up(source: int) -> bool:
    """Whether somebody who signs up from this address gets a code by mail that lets them in."""
    browser, before = Client(), count()
    answer = post(SIGN_UP, {"email": NEW, **PASSWORDS}, client=browser, source=source)
    sent = OutboxMessage.objects.filter(mailbox=NEW, kind=CODE_SENT).order_by("pk").last()
    if sent is None or count() == before:
        return False
    browser.post(answer.headers["Location"], {"code": sent.context["code"]})
    return is_confirmed(NEW)


# Every fifth order, in which each of the four is first once, in `make test`, the others in `make long`.
ORDERS = [
    pytest.param(turns, marks=[] if number % 5 == 0 else pytest.mark.long)
    for number, turns in enumerate(permutations(range(4)))
]


@pytest.mark.parametrize("turns", ORDERS, ids=str)
def test_one_address_shuts_no_newcomer_out(tf: TaskForce, turns: tuple[int, ...]) -> None:
    """Whatever forms it sends, in whatever order, and each of them twice."""
    statuses = [ask(turn, NEW, source=1).status_code for turn in (*turns, *turns)]
    assert 429 not in statuses
    assert count() == table.UNCONFIRMED_FROM.most
    assert signs_up(source=2)
    assert count() == table.MAILS_TO_UNCONFIRMED.most


@pytest.mark.long
def test_over_all_addresses_together_it_stays_at_three(by_mail: None) -> None:
    for turn in range(12):
        cache.clear()  # allauth's own counts are no part of this
        ask(turn, NEW, source=10 + turn)
    assert count() == table.MAILS_TO_UNCONFIRMED.most


def test_the_mailbox_of_an_account_gets_two_questions_from_one_address(tf: TaskForce) -> None:
    """For nothing waits for a code there: accounts have counts of their own for these."""
    create_account(NEW, at=app_now(), name="Ann")
    for _ in range(4):
        ask(0, NEW, source=1)
    assert count() == table.UNCONFIRMED_FROM.most


def test_who_has_lost_the_page_for_the_code_gets_another(tf: TaskForce) -> None:
    for turn in (3, 1):
        ask(turn, NEW, source=1)
    assert kinds() == [CODE_SENT, "account-login-code"]


@pytest.mark.dear
@pytest.mark.parametrize("before", [*permutations(range(3)), (0, 1), (1, 0), (0, 0), (2, 1, 0, 0)], ids=str)
@pytest.mark.parametrize(("without_code", "comes_in"), [(1, True), (2, False)], ids=["as it is", "twin"])
def test_who_has_followed_and_tried_a_code_still_signs_up(
    tf: TaskForce, monkeypatch: pytest.MonkeyPatch, before: tuple[int, ...], without_code: int, comes_in: bool
) -> None:
    """All from home, in whatever order; if nothing waited for the code nobody would."""
    monkeypatch.setattr(table, "WITHOUT_CODE_FROM", table.WITHOUT_CODE_FROM._replace(most=without_code))
    for turn in before:
        ask(turn, NEW, source=1)
    assert signs_up(source=1) is comes_in


def test_a_whole_network_of_ipv6_is_one_address() -> None:
    for number in range(6):
        may_ask(NEW, sender=f"2001:db8:1:{number:x}::/64", has_code=True)
    assert may_ask(NEW, sender="2001:db8:2::/64")
    assert not may_ask(NEW, sender="2001:db8:3::/64")


def test_what_was_refused_costs_an_address_nothing() -> None:
    limit = table.MAILS_TO_UNCONFIRMED._replace(most=0)
    assert [may_ask(NEW, sender="198.51.100.1", to=limit) for _ in range(5)] == [False] * 5
    assert may_ask(NEW, sender="198.51.100.1", to=limit._replace(most=3))


def test_staff_write_to_somebody_whom_strangers_have_written_to() -> None:
    for number in range(5):
        may_ask(NEW, sender=f"198.51.100.{number}")
    assert [admit_many([NEW]) for _ in range(4)] == [{NEW}] * 3 + [set()]


@pytest.mark.parametrize("path", [CODE, RESET, SIGN_UP])
def test_every_page_says_what_to_do_if_no_mail_comes(tf: TaskForce, path: str) -> None:
    for number in range(3):
        may_ask(NEW, sender=f"203.0.113.{number}")
    pages = []
    for mailbox in (NEW, "other@example.org"):
        browser = Client()
        answer = post(path, {"email": mailbox, **(PASSWORDS if path == SIGN_UP else {})}, client=browser, source=5)
        pages.append(browser.get(answer.headers["Location"]).content.decode())
    assert [page.count(FEW) for page in pages] == [1, 1]
    assert all("mailto:" in page for page in pages)
    assert count() == 0


def test_the_page_after_asking_to_follow_says_it_too(tf: TaskForce) -> None:
    assert Client().get(f"/en/subscriptions/sent/{tf.slug}/").content.decode().count(FEW) == 1
