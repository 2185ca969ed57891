"""No form that anybody may send mails a mailbox that somebody typed without end, from wherever it is sent.

Generated from the table of addresses: each that takes a POST from a visitor is posted more often than a mailbox gets
mails, each time from an address that nobody has seen, and the outbox is counted.
"""

import re
from itertools import count

import pytest

from taskforce.accounts.services import create_account
from taskforce.limits import mailboxes, table
from taskforce.limits.table import Limit
from taskforce.notifications.models import OutboxMessage
from tests.architecture.demo_urls import urlpatterns
from tests.architecture.routes import all_routes, is_stock
from tests.architecture.table import TABLE, Row
from tests.architecture.walk import World
from tests.clients import Client
from tests.fuzz.forms import Form, read
from tests.fuzz.places import MOMENTS, Place, all_places
from tests.limits.standing import behind_a_proxy as behind_a_proxy

pytestmark = pytest.mark.django_db
# What somebody types whom a form asks for an address; the second is what allauth's form of signing in calls it.
_ADDRESS = re.compile(r"mail|login|address")
_PASSWORD = "a long enough secret"
# The forms that mail whoever is typed into them, and must be seen to do so here.
KNOWN = {"subscriptions:follow", "account_signup", "account_reset_password", "account_request_login_code"}
_sources = count(1)


def takes_a_post(row: Row) -> bool:
    """Whether a visitor may post there, or nobody says what comes of it; but on the demonstration's own pages."""
    is_ours = not row.path.startswith(("admin/", "/demo/"))
    return is_ours and row.expected_by_post("anonymous") not in (403, 404, 405)


# The packages' own addresses have no row; those without a name only lead on.
STOCK = {route.name for route in all_routes(urlpatterns) if is_stock(route) and not route.name.startswith("admin:")} - {
    ""
}
OPEN = sorted(STOCK | {name for name, row in TABLE.items() if takes_a_post(row)})


def place_of(name: str, world: World) -> Place:
    return next(place for place in all_places(world) if place.name == name)


def forms_there(place: Place) -> list[Form]:
    """What a visitor can send there; where no page shows it, an address under the usual names."""
    place.arrive()
    answer = Client().get(place.address)
    shown = answer.content.decode() if answer.headers.get("Content-Type", "").startswith("text/html") else ""
    found = [form for form in read(shown, place.address)[0] if form.method == "post"]
    blind = Form(place.address, "post")
    for field in ("email", "mailbox", "login", "address"):
        blind.add(field, "")
    return [*found, blind]


def filled(form: Form, mailbox: str) -> dict[str, list[str]]:
    """As a person fills it: the mailbox where an address is asked for, and every box ticked; nothing hidden."""
    values = {name: [value for value in form.offered[name] if value] for name in form.names}
    for name in form.names:
        if "password" in name:
            values[name] = [_PASSWORD]
        elif _ADDRESS.search(name) and not values[name]:
            values[name] = [mailbox]
    return {name: given for name, given in values.items() if given}


def mails_to(form: Form, mailbox: str, times: int) -> int:
    """How many mails wait for a mailbox after a form was sent so often, each time by somebody else."""
    for _each in range(times):
        number = next(_sources)
        headers = {"x-forwarded-for": f"2001:db8:{number:x}::1"}
        answer = Client(raise_request_exception=False).post(form.action, filled(form, mailbox), headers=headers)
        if answer.status_code in (403, 404, 405):
            break
    return OutboxMessage.objects.filter(mailbox__iexact=mailbox).count()


def problems(place: Place, limits: dict[str, Limit]) -> list[str]:
    """What a form there does beyond {mailbox: its limit of a day}."""
    found = []
    for form in forms_there(place):
        for mailbox, limit in limits.items():
            sent = mails_to(form, mailbox, limit.most + 2)
            if sent > limit.most:
                found.append(
                    f"{place.name} ({form.action}) wrote {sent} mails to a mailbox that somebody typed, at most "
                    f"{limit.most} are allowed: ask `limits.mailboxes.may_ask` (or `admit`) before `enqueue`, and see "
                    "“something that strangers can do” in docs/house.md"
                )
    return found


@pytest.mark.long
@pytest.mark.parametrize("name", OPEN)
def test_a_mailbox_that_somebody_types_gets_few_mails(name: str, world: World) -> None:
    """One that nobody has confirmed; and where a form mails at all, one of an account too."""
    place = place_of(name, world)
    assert problems(place, {"typed@example.org": table.MAILS_TO_UNCONFIRMED}) == []
    has_mailed = OutboxMessage.objects.filter(mailbox="typed@example.org").exists()
    assert has_mailed or name not in KNOWN, "nothing was sent as a person would: the test sees nothing here"
    if has_mailed:
        create_account("ann@example.org", at=MOMENTS["announced"], name="Ann", password=_PASSWORD)
        assert problems(place, {"ann@example.org": table.CODES_TO_ACCOUNT}) == []


# Who signs up again and again is held up by the package's own limit too.
@pytest.mark.long
@pytest.mark.parametrize("name", sorted(KNOWN - {"account_signup"}))
def test_a_form_without_a_limit_is_found(name: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: each of the forms, had nobody asked for the mailbox."""
    monkeypatch.setattr(mailboxes, "may_ask", lambda *_given, **_more: True)
    found = problems(place_of(name, world), {"typed@example.org": table.MAILS_TO_UNCONFIRMED})
    assert found
    assert "limits.mailboxes.may_ask" in found[0]
