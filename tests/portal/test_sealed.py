"""No mail tells staff who applies, or who has said something: to whom it went stands nowhere beside its kind."""

import re

import pytest

from recruitment import services
from recruitment.models import Call
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.core.clock import app_now
from taskforce.notifications import kinds
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import sealed
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import REVIEW, Apply, SignIn
from tests.recruitment.conftest import apply as apply
from tests.recruitment.conftest import call as call
from tests.recruitment.conftest import sign_in as sign_in
from tests.recruitment.conftest import version as version

LIST = "/en/admin/notifications/outboxmessage/"
ADA = "ada@example.org"


@pytest.fixture
def mails(call: Call, apply: Apply, people: dict[str, User], clock: Clock) -> list[OutboxMessage]:
    """Somebody applies, withdraws, takes it back, hears of a change, and of the outcome; one mail has failed."""
    application = apply("ada")
    services.withdraw(application.pk, application.applicant, at=app_now())
    other = apply("bo")
    services.change_seats(call.pk, 7, {"en": "More."}, actor=people["coordinator"])
    clock.set(REVIEW)
    services.decide(other.pk, people["coordinator"], "accept")
    services.release(call.pk, people["coordinator"])
    OutboxMessage.objects.filter(mailbox=ADA, kind="application-receipt").update(
        state="failed", error=f"550 <{ADA}> unknown"
    )
    found = list(OutboxMessage.objects.filter(mailbox__in=[ADA, "bo@example.org"]))
    assert {one.kind for one in found} >= {
        "application-receipt", "application-withdrawn", "application-call-changed", "decision-accepted"
    }  # fmt: skip
    return found


def names(html: str) -> set[str]:
    return set(re.findall(r"\b(?:ada|bo)@example\.org|\b(?:Ada|Bo) Canary", html))


@pytest.mark.parametrize("role", ["coordinator", "deputy", "admin"])
def test_no_page_of_mails_says_who_applied(
    mails: list[OutboxMessage], people: dict[str, User], sign_in: SignIn, role: str
) -> None:
    browser = sign_in(people[role])
    pages = [LIST, f"{LIST}?o=1", f"{LIST}?kind__exact=application-receipt"]
    pages += [f"{LIST}{one.pk}/change/" for one in mails]
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert names(answer.content.decode()) == set(), page
    sent = {"action": "requeue", "_selected_action": [one.pk for one in mails]}
    act = browser.post(LIST, sent)
    assert "Receipt for an application" in act.content.decode()
    assert names(act.content.decode()) == set()


def test_nor_does_whoever_holds_the_role_everywhere_learn_it(
    mails: list[OutboxMessage], people: dict[str, User], sign_in: SignIn
) -> None:
    grant_role(people["admin"], Role.ADMINISTRATOR, at=app_now(), actor_id=None)
    assert names(sign_in(people["admin"]).get(LIST).content.decode()) == set()


def test_a_search_by_mailbox_finds_none_of_them(
    mails: list[OutboxMessage], people: dict[str, User], sign_in: SignIn
) -> None:
    browser = sign_in(people["coordinator"])

    def count(asked: str) -> int:
        return int(browser.get(LIST, {"q": asked}).context["cl"].result_count)

    for asked in (ADA, "ada@", "bo@"):
        assert count(asked) == 0, asked
    plain = OutboxMessage.objects.filter(pk=mails[0].pk)
    # Of another kind it is found: so the search can see.
    plain.update(kind="bulletin-test")
    assert count(plain.get().mailbox) == 1
    assert count(mails[1].message_id) == 1


def test_the_order_of_a_list_says_nothing_of_them(
    mails: list[OutboxMessage], people: dict[str, User], sign_in: SignIn
) -> None:
    """Else two plain mails around one would close in on its mailbox."""
    browser = sign_in(people["coordinator"])

    def rows(client: Client) -> list[int]:
        return [one.pk for one in client.get(f"{LIST}?o=1").context["cl"].result_list if one.kind in sealed.KINDS]

    before = rows(browser)
    for number, one in enumerate(reversed(mails)):
        OutboxMessage.objects.filter(pk=one.pk).update(mailbox=f"z{number}@example.org")
    assert rows(browser) == before


def test_every_mail_to_one_who_applies_or_has_spoken_is_among_them() -> None:
    begin = ("application-", "decision-", "draft-", "feedback-")
    to_one = {one.name for one in kinds.all_kinds() if one.name.startswith(begin) and one.audience is None}
    assert to_one == sealed.KINDS
