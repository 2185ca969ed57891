"""Every door by which an application is written, at the ends of its call: what is in time is in, what is late is not.

The doors are found, not remembered: who adds an address, a page of staff, a command or a service names it here.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.core.management import get_commands
from django.urls import URLPattern

from recruitment import groups, merging, services, urls
from recruitment.enums import Group
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.timeline.gates import new_form_key
from taskforce.timeline.models import Phase
from tests.architecture.reading import calls, parsed, sources
from tests.architecture.table import TABLE
from tests.clients import Client
from tests.conftest import Stand
from tests.recruitment.conftest import CLOSES, HARD_CLOSES, OPEN, PAGE, question_names, shown_form, withdrawal
from tests.timeline.conftest import past_the_triggers

MS = timedelta(milliseconds=1)
WORDS = "Words that somebody typed."
BY_ITSELF = f"{PAGE}draft/"
Fields = dict[str, Any]


class Door(NamedTuple):
    """How the posted fields of a form are made for it, and the state that has to be there before.

    `is_data`: it answers a script in JSON, not with a page.
    """

    address: str
    fields: Callable[[Client, Call], Fields]
    before: Callable[[Client, Call], object] | None = None
    is_data: bool = False


def form(action: str) -> Callable[[Client, Call], Fields]:
    def fields(client: Client, call: Call) -> Fields:
        first, second = question_names(call)
        return {**shown_form(client, call), first: WORDS, second: "four", "action": action}

    return fields


def by_itself(client: Client, call: Call) -> Fields:
    first, _second = question_names(call)
    return {**shown_form(client, call), first: WORDS, "group": "answers"}


def withdrawn(client: Client, call: Call) -> None:
    client.post(PAGE, form("submit")(client, call))
    client.post(PAGE, withdrawal(client))


def taking_back(client: Client, call: Call) -> Fields:
    reference = Application.objects.get().reference
    return {"action": "take-back", "reference": reference, "form_key": new_form_key(app_now(), call.phase_id)}


def of_another_window(name: str) -> Callable[[Client, Call], None]:
    """Another window has saved something in this field ("": in the first answer)."""

    def save(client: Client, call: Call) -> None:
        field = name or question_names(call)[0]
        client.post(PAGE, {**shown_form(client, call), field: "Of another window.", "action": "save"})

    return save


def chosen(client: Client, call: Call) -> Fields:
    """From the page of two texts: what was typed here instead of what another window has saved."""
    first, _second = question_names(call)
    both = {f"{merging.MINE}{first}": WORDS, f"{merging.STORED}{first}": "Of another window."}
    choice = {merging.TORN: first, f"{merging.CHOICE}{first}": "mine", first: WORDS}
    return {**shown_form(client, call), **both, **choice, "action": "save"}


def put_together(client: Client, call: Call) -> Fields:
    """Typed on what stood there before another window has saved something else in the same group."""
    stale = {groups.version_name(Group.PROFILE): groups.token(0, {}), merging.marks_name(Group.PROFILE): ""}
    return {**shown_form(client, call), **stale, "profile-projects": "", "profile-roles": WORDS, "action": "save"}


# What writes an application and is for the time of its call alone.
DOORS = {
    "save": Door(PAGE, form("save")),
    "by itself": Door(BY_ITSELF, by_itself, is_data=True),
    "check": Door(PAGE, form("check")),
    "submit": Door(PAGE, form("submit")),
    "two texts": Door(PAGE, chosen, of_another_window("")),
    "put together": Door(PAGE, put_together, of_another_window("profile-projects")),
    "take back": Door(PAGE, taking_back, withdrawn),
}
# By which of them each address and each service is tried.
BY_ROUTE = {
    "application": ("save", "check", "submit", "two texts", "put together", "take back"),
    "draft": ("by itself",),
}
BY_SERVICE = {
    "save_draft": ("save", "by itself", "check", "two texts", "put together"),
    "submit": ("submit",),
    "take_back": ("take back",),
}
# Addresses that take a form, and services, which are no such door, and why not.
NO_ROUTES = {
    "reminders": "says whether somebody wants reminders, at any time",
}
NO_SERVICES = {
    **dict.fromkeys(
        ("Draft", "Said", "Stored", "ChangedMeanwhile", "Withdrawn"), "what is saved, stands there or is said"
    ),
    "open_application": "an empty one, and through the gate; nobody calls it but the scenarios",
    "require_open": "asks the gate and writes nothing",
    "withdraw": "at any time until the outcome is told",
    "remind": "writes mails",
    "set_reminders": "says whether somebody wants reminders",
}
# Of staff, about calls, reviews and decisions: none of these modules writes an application.
OF_STAFF = ("building", "calls", "call_acts", "reviews", "decisions")


def written() -> tuple[Any, ...]:
    """All that is stored of applications."""
    rows = Application.objects.order_by("pk").values_list("state", "version", "saved_at", "submitted_at")
    return (*rows, Snapshot.objects.count())


# --- in time and too late ---------------------------------------------------------------------------------------------

BEFORE, AFTER = CLOSES - MS, CLOSES + MS


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    ("at", "shown", "grace", "is_in"),
    [
        (CLOSES - MS, OPEN, 120, True),
        (CLOSES + MS, OPEN, 120, True),
        (CLOSES + MS, BEFORE, 120, True),
        (CLOSES + MS, CLOSES, 120, False),
        (HARD_CLOSES - MS, OPEN, 120, True),
        (HARD_CLOSES - MS, AFTER, 120, False),
        (HARD_CLOSES + MS, OPEN, 120, False),
        (HARD_CLOSES + MS, AFTER, 120, False),
        (CLOSES - MS, OPEN, 0, True),
        (CLOSES + MS, BEFORE, 0, False),
    ],
    ids=lambda value: str(value)[11:26] if isinstance(value, datetime) else str(value),
)
def test_at_each_door(
    call: Call, applicant: Client, standing: Stand, name: str, at: datetime, shown: datetime, grace: int, *, is_in: bool
) -> None:
    """Refused, it says why and when it closed, what was typed is there to be copied, and nothing is stored of it."""
    door = DOORS[name]
    if door.before is not None:
        door.before(applicant, call)
    with past_the_triggers():
        Phase.objects.filter(pk=call.phase_id).update(grace_seconds=grace)
    fields = {**door.fields(applicant, call), "form_key": new_form_key(shown, call.phase_id)}
    standing(at)
    before = written()
    answer = applicant.post(door.address, fields)
    assert answer.status_code == ((200 if door.is_data else 303) if is_in else 403)
    assert (written() == before) is not is_in
    assert (answer.headers["Content-Type"] == "application/json") is door.is_data
    if not is_in and door.is_data:
        # Its words are still in the page that sent them.
        said = answer.json()
        assert said["why"] == "closed"
        assert "11 April 2022, 12:00" in str(said["facts"]), "it does not say when it closed"
        assert at.strftime("%H:%M") in str(said["facts"]), "it does not say when it came"
    elif not is_in:
        said = answer.content.decode()
        assert "2022-04-11T12:00:00" in said, "it does not say when it closed"
        assert at.strftime("%H:%M") in said, "it does not say when it came"
        assert WORDS in said or name == "take back"


@pytest.mark.parametrize("at", [CLOSES - MS, CLOSES + MS, HARD_CLOSES - MS, HARD_CLOSES + MS], ids=str)
def test_what_nobody_else_waits_for_is_done_at_any_time(
    call: Call, applicant: Client, standing: Stand, at: datetime
) -> None:
    """One can withdraw whenever one wants, until the outcome is told; what is read is read, and writes nothing."""
    applicant.post(PAGE, form("submit")(applicant, call))
    leaving = withdrawal(applicant)
    standing(at)
    before = written()
    for address in (PAGE, f"{PAGE}receipt/1/", f"{PAGE}receipt/1.json", f"{PAGE}data/", f"{PAGE}data.txt", BY_ITSELF):
        assert applicant.get(address).status_code == 200, address
    assert applicant.get(f"{PAGE}check/").status_code == (200 if at < CLOSES else 303)
    assert written() == before
    assert applicant.post(PAGE, leaving).status_code == 303
    assert Application.objects.get().state == "withdrawn"


# --- no door is forgotten ---------------------------------------------------------------------------------------------


def routes_that_take_forms(client: Client) -> Iterator[str]:
    """The names of recruitment's public routes that answer a post in another way than by 405."""
    for route in urls.urlpatterns:
        assert isinstance(route, URLPattern)
        assert route.name is not None
        row = TABLE[f"recruitment:{route.name}"]
        if client.post(f"/en/{row.path.format_map(Anything())}", {}).status_code != 405:
            yield route.name


class Anything(dict[str, str]):
    """Where the walk's world has rows, a number does: whether a view takes a post is asked before what it shows."""

    def __missing__(self, key: str) -> str:
        return "1"


def test_every_address_that_takes_a_form_is_a_door_or_said_to_be_none(call: Call, applicant: Client) -> None:
    assert {*routes_that_take_forms(applicant)} == BY_ROUTE.keys() | NO_ROUTES.keys()


def test_every_service_is_a_door_or_said_to_be_none() -> None:
    of_applicants = {
        name for name in services.__all__ if getattr(services, name).__module__.rpartition(".")[2] not in OF_STAFF
    }
    assert of_applicants == BY_SERVICE.keys() | NO_SERVICES.keys()
    tried = {name for names in (*BY_ROUTE.values(), *BY_SERVICE.values()) for name in names}
    assert tried == DOORS.keys()


def test_nothing_but_the_pages_of_applicants_calls_these_services() -> None:
    """No command, no page of staff, no task: the scenarios of the demonstration alone, which play the applicants."""
    found = {
        path
        for path, text in sources()
        for _node, name in calls(parsed(text))
        if name.startswith("recruitment.services.") and name.rpartition(".")[2] in BY_SERVICE
    }
    outside = {path for path in found if not path.startswith(("recruitment/views/", "taskforce/portal/scenarios/"))}
    assert found - outside, "the search finds nothing"
    assert outside == set()


def test_nothing_but_these_services_writes_applications() -> None:
    """Their rows are made in the modules of these services alone."""
    made = ("recruitment.models.Application", "recruitment.models.Snapshot")
    writers = {
        path
        for path, text in sources()
        if path.startswith("recruitment/")
        for _node, name in calls(parsed(text))
        if name in made or any(name.startswith(f"{one}.objects.") and "create" in name for one in made)
    }
    # The look before submitting makes a version to be shown; that it stores nothing is in `test_check.py`.
    assert writers == {"recruitment/services/applications.py", "recruitment/views/check.py"}


def test_no_page_of_staff_changes_an_application(
    call: Call, applicant: Client, standing: Stand, people: dict[str, User], sign_in: Callable[[User], Client]
) -> None:
    """Whatever is posted there, before the close and after it: content, state and versions stay."""
    applicant.post(PAGE, form("submit")(applicant, call))
    pk, before, answers = Application.objects.get().pk, written(), Snapshot.objects.get().answers
    sent = {"answers": "[]", "state": "withdrawn", "action": "submit", "text": WORDS, "_save": "Save", "version": "1"}
    for at in (CLOSES - MS, HARD_CLOSES + MS):
        standing(at)
        for role in ("coordinator", "deputy", "reviewer1"):
            browser = sign_in(people[role])
            for row in (row for name, row in TABLE.items() if name.startswith("admin:recruitment_application")):
                browser.post(f"/en/{row.path.format_map(Anything(application=str(pk)))}", sent)
    assert written() == before
    assert Snapshot.objects.get().answers == answers


def test_no_command_is_about_an_application() -> None:
    """By their names: those of recruitment are about calls."""
    own = {name for name, app in get_commands().items() if app == "recruitment"}
    assert own <= {"check_call"}
