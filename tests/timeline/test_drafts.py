"""Drafts of phases: planned in the admin, invisible to visitors, published once; invalid orders at every door."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from feedback.models import FeedbackWindow
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.timeline import gates, plan, services, windows
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.timeline.offering import offer_call
from tests.timeline.test_acts import told_of
from tests.timeline.test_admin import text_of
from tests.timeline.test_doors import committed

PhaseOf = Callable[[str], Phase]
ADD = "/en/admin/timeline/phase/add/"


def planned(**changes: Any) -> plan.Draft:
    given: dict[str, Any] = {
        "slug": "second",
        "opens_on": date(2022, 9, 15),
        "closes_on": date(2022, 10, 6),
        "capabilities": ["feedback"],
        "titles": {"en": "Second round"},
    }
    return plan.Draft(**{**given, **changes})


def typed(tf: TaskForce, **changes: Any) -> dict[str, Any]:
    given = {
        "task_force": tf.pk,
        "slug": "second",
        "source_title": "Second round",
        "source_text": "",
        "capabilities": ["feedback"],
        "opens_on": "2022-09-15",
        "opens_time": "",
        "closes_on": "2022-10-06",
        "closes_time": "",
        "zone": "AoE",
        "cap": "",
        "grace_seconds": "120",
    }
    return {**given, **changes}


def shown(page: Any) -> dict[str, str]:
    """What the page before publishing sends back of what it has shown."""
    return {name: page.context[name] for name in ("seen", "beside")}


@pytest.fixture
def draft(tf: TaskForce, people: dict[str, User]) -> Phase:
    return services.draft_phase(tf, planned(), actor=people["coordinator"])


@pytest.fixture
def coordinator(client: Client, people: dict[str, User]) -> Client:
    client.force_login(people["coordinator"])
    return client


@pytest.mark.long
def test_a_draft_is_planned_edited_and_published_on_pages(
    coordinator: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    made = coordinator.post(ADD, typed(tf, zone="europe/berlin", opens_time="09:00"))
    phase = Phase.objects.get(slug="second")
    change = f"/en/admin/timeline/phase/{phase.pk}/change/"
    assert made["Location"].startswith(change)
    assert (phase.zone, phase.opens_at, phase.published_at) == (
        "Europe/Berlin",
        datetime(2022, 9, 15, 7, tzinfo=UTC),
        None,
    )
    page: Any = coordinator.get(f"{change}?language=ar")
    seen = page.context["seen"]
    answer = coordinator.post(
        f"{change}?language=ar", typed(tf, title="جولة", text="", cap="40", seen=seen, go="publish")
    )
    assert answer["Location"] == f"/en/admin/timeline/phase/{phase.pk}/publish/"
    preview: Any = coordinator.get(answer["Location"])
    assert "15 September 2022, anywhere on Earth (AoE)" in text_of(preview)
    confirmed = {**shown(preview), "confirmed": "yes"}
    assert coordinator.post(answer["Location"], confirmed).status_code == 302
    phase.refresh_from_db()
    assert phase.published_at is not None
    assert (phase.cap, phase.zone, phase.ends_version) == (40, "AoE", 1)
    actions = Entry.objects.filter(target_id=phase.pk, action__startswith="phase.").values_list("action", flat=True)
    assert sorted(actions) == ["phase.drafted", "phase.edited", "phase.published"]
    assert coordinator.get(answer["Location"]).status_code == 404


def test_publishing_is_confirmed(coordinator: Client, draft: Phase) -> None:
    address = f"/en/admin/timeline/phase/{draft.pk}/publish/"
    page: Any = coordinator.get(address)
    assert 'type="checkbox" name="confirmed"' in text_of(page)
    given = shown(page)
    unconfirmed = coordinator.post(address, given)
    assert unconfirmed.status_code == 200
    assert "Tick this box to confirm" in text_of(unconfirmed)
    draft.refresh_from_db()
    assert draft.published_at is None
    assert coordinator.post(address, {**given, "confirmed": "yes"}).status_code == 302
    draft.refresh_from_db()
    assert draft.published_at is not None


@pytest.mark.long
def test_the_page_before_publishing_shows_who_is_told_what_and_when(
    coordinator: Client, tf: TaskForce, draft: Phase
) -> None:
    address = f"/en/admin/timeline/phase/{draft.pk}/publish/"
    assert "Nobody follows the deadlines" in text_of(coordinator.get(address))
    at = datetime(2022, 2, 1, tzinfo=UTC)
    services.follow(tf, mailbox="zh@example.org", topics=["deadlines"], language="zh-hant", at=at)
    page = coordinator.get(address)
    assert "Nobody follows the deadlines" not in text_of(page)
    told = told_of(page)
    assert {code: counts for code, (counts, _mails) in told.items()} == {"en": "0 0", "zh-hant": "1 0"}
    for occasion, subject, instant in (
        ("Opened", "“Second round” has begun", "2022-09-15T12:00:00Z"),
        ("Closes in seven days", "“Second round” closes within a week", "2022-09-30T12:00:00Z"),
        ("Closes in 24 hours", "“Second round” closes within 24 hours", "2022-10-06T12:00:00Z"),
        ("Closed", "“Second round” has ended", "2022-10-07T12:02:00Z"),
    ):
        for part in (f"<h4>{occasion} ·", subject, f'datetime="{instant}"'):
            assert part in told["en"][1]
    assert "2022年10月6日" in told["zh-hant"][1]


@pytest.fixture
def beside(tf: TaskForce, people: dict[str, User]) -> str:
    """The page before publishing a phase that would run beside two of the model case."""
    given = planned(opens_on=date(2022, 2, 20), closes_on=date(2022, 3, 20), capabilities=[])
    return f"/en/admin/timeline/phase/{services.draft_phase(tf, given, actor=people['coordinator']).pk}/publish/"


def test_publishing_warns_of_the_phases_that_it_would_run_beside(coordinator: Client, beside: str) -> None:
    page = text_of(coordinator.get(beside))
    assert "Once this phase is published, phases run at the same time" in page
    for title, end, instant in (
        ("Second round", "opens", "2022-02-20T12:00:00Z"),
        ("Second round", "closes", "2022-03-21T12:00:00Z"),
        ("Feedback on the proposal", "closes", "2022-03-01T12:00:00Z"),
        ("Recruitment of members", "opens", "2022-03-14T12:00:00Z"),
    ):
        assert re.search(f'“<bdi>{title}</bdi>” {end}</dt><dd>[^\n]*datetime="{instant}"', page), (title, end)


@pytest.mark.long
def test_publishing_is_asked_again_where_other_phases_have_moved_meanwhile(
    coordinator: Client, beside: str, phase: PhaseOf, people: dict[str, User]
) -> None:
    given = {**shown(coordinator.get(beside)), "confirmed": "yes"}
    services.extend(phase("feedback").pk, closes_on=date(2022, 3, 2), reason="Late.", actor=people["deputy"])
    asked: Any = coordinator.post(beside, given)
    assert asked.status_code == 200
    assert "not what you were shown before" in text_of(asked)
    assert not Phase.objects.filter(slug="second", published_at__isnull=False).exists()
    assert coordinator.post(beside, {**shown(asked), "confirmed": "yes"}).status_code == 302
    assert Phase.objects.filter(slug="second", published_at__isnull=False).exists()


def test_what_was_cancelled_has_closed_or_only_touches_is_not_warned_of(
    coordinator: Client, beside: str, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    services.cancel_phase(phase("recruitment").pk, reason="No.", actor=people["deputy"])
    clock.set(datetime(2022, 3, 1, 12, tzinfo=UTC))
    assert "at the same time" not in text_of(coordinator.get(beside))


def test_what_allows_the_same_stands_in_the_way_of_publishing(
    coordinator: Client, tf: TaskForce, draft: Phase, people: dict[str, User]
) -> None:
    other = services.draft_phase(tf, planned(slug="third", titles={"en": "Third"}), actor=people["deputy"])
    services.publish_draft(other.pk, actor=people["deputy"])
    page = text_of(coordinator.get(f"/en/admin/timeline/phase/{draft.pk}/publish/"))
    assert "overlap “Third”" in page
    assert "Publish the phase" not in page.partition("<form")[2], "there is a button that only refuses"


def test_a_phase_that_begins_to_late_to_be_told_of_is_not_told_of(
    coordinator: Client, draft: Phase, clock: Clock
) -> None:
    clock.set(datetime(2022, 10, 6, 13, tzinfo=UTC))
    told = told_of(coordinator.get(f"/en/admin/timeline/phase/{draft.pk}/publish/"))
    assert re.findall(r"<h4>(.*?) ·", told["en"][1]) == ["Closed"]


MISSING = {"feedback": "No feedback window belongs to this phase", "apply": "No call for members belongs to this phase"}
LISTS = {"feedback": "/en/admin/feedback/feedbackwindow/", "apply": "/en/admin/recruitment/call/"}


@pytest.mark.parametrize("allows", [["feedback"], ["apply"], ["feedback", "apply"], ["review"], []])
def test_what_is_missing_and_what_follows_is_told_before_publishing(
    coordinator: Client, tf: TaskForce, people: dict[str, User], allows: list[str]
) -> None:
    made = services.draft_phase(tf, planned(capabilities=allows), actor=people["coordinator"])
    page = text_of(coordinator.get(f"/en/admin/timeline/phase/{made.pk}/publish/"))
    for capability, words in MISSING.items():
        assert (words in page) is (capability in allows)
        assert (LISTS[capability] in page.split("open-points", 1)[-1]) is (capability in allows)
    assert ("It is made after the phase was published. Until it is there, pages and mails invite nobody" in page) is (
        "feedback" in allows or "apply" in allows
    )


@pytest.mark.parametrize("capability", MISSING)
def test_who_can_make_what_is_missing_is_led_there(
    coordinator: Client, tf: TaskForce, people: dict[str, User], monkeypatch: pytest.MonkeyPatch, capability: str
) -> None:
    """Where the list has a way to make one; the permission alone stands for that here."""
    made = services.draft_phase(tf, planned(capabilities=[capability]), actor=people["coordinator"])
    model = {"feedback": FeedbackWindow, "apply": Call}[capability]
    monkeypatch.setattr(type(admin.site.get_model_admin(model)), "has_add_permission", lambda _self, _request: True)
    page = text_of(coordinator.get(f"/en/admin/timeline/phase/{made.pk}/publish/"))
    assert f'</strong> <a href="{LISTS[capability]}"' in page


def test_what_is_missing_stays_on_the_list_until_it_is_there_or_over(
    coordinator: Client, phase: PhaseOf, clock: Clock
) -> None:
    def told() -> list[bool]:
        page = text_of(coordinator.get("/en/admin/timeline/phase/"))
        return [words in page for words in MISSING.values()]

    assert told() == [True, True]
    offer_call(phase("recruitment"))
    assert told() == [True, False]
    assert MISSING["feedback"] in text_of(coordinator.get(f"/en/admin/timeline/phase/{phase('feedback').pk}/change/"))
    clock.set(datetime(2022, 3, 2, tzinfo=UTC))
    assert told() == [False, False]


def test_a_draft_is_nowhere_for_visitors(client: Client, draft: Phase) -> None:
    for path in ("/en/", "/en/tf/leadership-development/", "/en/tf/leadership-development/process/"):
        assert "Second round" not in text_of(client.get(path))
    with pytest.raises(Http404), transaction.atomic():
        gates.enter(draft.pk, "feedback")
    with pytest.raises(Http404), transaction.atomic():
        gates.enter_exclusively(draft.pk)


def test_a_draft_has_no_acts(coordinator: Client, draft: Phase, people: dict[str, User]) -> None:
    for name in ("extend", "shorten", "close", "cancel"):
        assert coordinator.get(f"/en/admin/timeline/phase/{draft.pk}/{name}/").status_code == 404


@pytest.mark.parametrize("role", ["observer", "moderator", "member"])
def test_others_plan_nothing(client: Client, tf: TaskForce, draft: Phase, people: dict[str, User], role: str) -> None:
    client.force_login(people[role])
    for path in (ADD, *(f"/en/admin/timeline/phase/{draft.pk}/{name}/" for name in ("change", "publish", "discard"))):
        response = client.post(path, typed(tf, slug="third"))
        assert response.status_code in (302, 403, 404)
    for act in (services.publish_draft, services.discard_draft):
        with pytest.raises(Refused):
            act(draft.pk, actor=people[role])
    assert Phase.objects.filter(slug="second", published_at=None).exists()
    assert not Phase.objects.filter(slug="third").exists()


def test_only_ones_own_task_forces_are_offered(coordinator: Client, tf: TaskForce) -> None:
    other = services.create_task_force("other", {"en": "Foreign"}, at=datetime(2022, 1, 1, tzinfo=UTC))
    assert "Foreign" not in text_of(coordinator.get(ADD))
    response: Any = coordinator.post(ADD, typed(other))
    assert list(response.context["form"].errors) == ["task_force"]


@pytest.mark.long
def test_only_zones_that_are_accepted_are_suggested(coordinator: Client, tf: TaskForce) -> None:
    """A machine's files hold more than zones; some of them look like what was typed."""
    found = {}
    for typed_zone in ("localtime", "factory", "Europe/Berlim", "Atlantis"):
        response: Any = coordinator.post(ADD, typed(tf, zone=typed_zone))
        (said,) = response.context["form"].errors["zone"]
        suggested = said.partition("Did you mean: ")[2].removesuffix("?")
        for name in filter(None, suggested.split(", ")):
            windows.zone_of(name)  # refuses what is none
        found[typed_zone] = "Europe/Berlin" in suggested
    assert found == {"localtime": False, "factory": False, "Europe/Berlim": True, "Atlantis": False}


ERRORS: list[tuple[dict[str, Any], str, str]] = [
    ({"closes_on": "2022-09-14"}, "closes_on", "must close after it opens"),
    ({"closes_on": "9999-12-31"}, "closes_on", "from 2000 to 2100"),
    ({"opens_on": "1999-12-31"}, "opens_on", "from 2000 to 2100"),
    ({"zone": "Europe/Berlim"}, "zone", "Europe/Berlin"),
    ({"zone": "../../etc/passwd"}, "zone", "not a time zone"),
    ({"slug": "feedback"}, "slug", "already has a phase"),
    ({"slug": "no slug"}, "slug", "slug"),
    ({"slug": "a" * 51}, "slug", "at most 50"),
    ({"opens_on": "2022-02-10", "closes_on": "2022-02-12"}, "opens_on", "Feedback on the proposal"),
    ({"cap": "0"}, "cap", "1"),
    ({"grace_seconds": "99999"}, "grace_seconds", "600"),
    ({"source_title": " "}, "source_title", "required"),
    ({"capabilities": ["dance"]}, "capabilities", "dance"),
    (
        {"zone": "Europe/Berlin", "closes_on": "2026-10-25", "closes_time": "02:30"},
        "closes_time",
        "comes twice in Europe/Berlin",
    ),
    (
        {"zone": "Europe/Berlin", "opens_on": "2022-03-27", "opens_time": "02:30"},
        "opens_time",
        "is skipped in Europe/Berlin",
    ),
]


@pytest.mark.long
def test_errors_stand_at_their_field(coordinator: Client, tf: TaskForce) -> None:
    found = {}
    for changes, field, said in ERRORS:
        response: Any = coordinator.post(ADD, typed(tf, source_text="Typed for an hour.", **changes))
        assert response.status_code == 200, changes
        errors = response.context["form"].errors
        is_said = list(errors) == [field] and said in str(errors[field])
        is_kept = "Typed for an hour." in text_of(response)
        if (is_said, is_kept, Phase.objects.filter(published_at=None).count()) != (True, True, 0):
            found[str(changes)] = (str(errors), is_kept)
    assert found == {}


@pytest.mark.parametrize(
    ("name", "zone"), [("taipei", "Asia/Taipei"), ("aoe", "AoE"), ("america/new york", "America/New_York")]
)
def test_a_zone_is_found_however_it_is_typed(coordinator: Client, tf: TaskForce, name: str, zone: str) -> None:
    assert coordinator.post(ADD, typed(tf, zone=name)).status_code == 302
    assert Phase.objects.get(slug="second").zone == zone


@pytest.mark.long
def test_somebody_else_was_faster(coordinator: Client, tf: TaskForce, draft: Phase, people: dict[str, User]) -> None:
    change = f"/en/admin/timeline/phase/{draft.pk}/change/"
    page: Any = coordinator.get(change)
    publish: Any = coordinator.get(f"/en/admin/timeline/phase/{draft.pk}/publish/")
    services.edit_phase(draft.pk, planned(closes_on=date(2022, 10, 9)), actor=people["deputy"])
    late: Any = coordinator.post(change, typed(tf, seen=page.context["seen"], closes_on="2022-10-12"))
    assert late.status_code == 409
    assert "2022-10-12" in text_of(late)
    assert "9 October 2022" in text_of(late)
    given = shown(publish)
    for more in ({}, {"confirmed": "yes"}):
        # Whoever forgets the box first has still seen what was shown before.
        response: Any = coordinator.post(f"/en/admin/timeline/phase/{draft.pk}/publish/", {**given, **more})
        given = shown(response)
    assert response.status_code == 409
    draft.refresh_from_db()
    assert (draft.closes_on, draft.published_at) == (date(2022, 10, 9), None)
    again = coordinator.post(change, typed(tf, seen=late.context["seen"], closes_on="2022-10-12"))
    assert again.status_code == 302


def test_what_was_published_is_no_draft(draft: Phase, people: dict[str, User]) -> None:
    services.publish_draft(draft.pk, actor=people["coordinator"])
    for act in (
        lambda: services.edit_phase(draft.pk, planned(), actor=people["coordinator"]),
        lambda: services.publish_draft(draft.pk, actor=people["coordinator"]),
        lambda: services.discard_draft(draft.pk, actor=people["coordinator"]),
    ):
        with pytest.raises(Conflict, match="published this phase meanwhile"):
            act()


def test_what_is_over_is_not_published(draft: Phase, people: dict[str, User], clock: Clock) -> None:
    clock.set(datetime(2022, 10, 8, tzinfo=UTC))
    with pytest.raises(Invalid, match="passed already"):
        services.publish_draft(draft.pk, actor=people["coordinator"])


def test_an_overlap_that_came_later_is_told_at_publishing(tf: TaskForce, draft: Phase, people: dict[str, User]) -> None:
    other = services.draft_phase(tf, planned(slug="third", titles={"en": "Third"}), actor=people["deputy"])
    services.publish_draft(other.pk, actor=people["deputy"])
    with pytest.raises(Conflict, match="Third"):
        services.publish_draft(draft.pk, actor=people["coordinator"])


def test_a_draft_is_thrown_away_and_leaves_its_trace(coordinator: Client, draft: Phase) -> None:
    address = f"/en/admin/timeline/phase/{draft.pk}/discard/"
    page: Any = coordinator.get(address)
    assert coordinator.post(address, {"seen": page.context["seen"]}).status_code == 302
    assert not Phase.objects.filter(pk=draft.pk).exists()
    assert Entry.objects.filter(action="phase.discarded", target_id=draft.pk).exists()


# --- twelve invalid orders, by form, by the model, by SQL -------------------------------------------------------------

ORDERS: dict[str, tuple[str, str]] = {
    "end before start": ("2022-09-15", "2022-09-14"),
    "end a year early": ("2022-09-15", "2021-10-06"),
    "end a century early": ("2022-09-15", "1922-10-06"),
    "the same phase's days": ("2022-02-01", "2022-02-28"),
    "inside": ("2022-02-10", "2022-02-12"),
    "around": ("2022-01-25", "2022-03-10"),
    "into its start": ("2022-01-20", "2022-02-01"),
    "its first day": ("2022-02-01", "2022-02-01"),
    "its last day": ("2022-02-28", "2022-02-28"),
    "out of its end": ("2022-02-28", "2022-03-10"),
    "most of it": ("2022-02-02", "2022-03-01"),
    "over all of the process": ("2022-01-01", "2023-12-31"),
}


@pytest.mark.long
def test_an_invalid_order_is_refused_by_the_form(coordinator: Client, tf: TaskForce) -> None:
    found = {}
    for name, (opens, closes) in ORDERS.items():
        response: Any = coordinator.post(ADD, typed(tf, opens_on=opens, closes_on=closes))
        assert response.status_code == 200, name
        fields = set(response.context["form"].errors)
        if not fields or fields - {"opens_on", "closes_on"} or Phase.objects.filter(slug="second").exists():
            found[name] = fields
    assert found == {}


def _instants(name: str) -> tuple[datetime, datetime]:
    """As the rule would give them, anywhere on Earth."""
    opens, closes = (datetime.combine(date.fromisoformat(day), time(12), UTC) for day in ORDERS[name])
    return opens, closes + timedelta(days=1)


@pytest.mark.parametrize("door", ["save", "update", "sql"])
def test_an_invalid_order_is_refused_by_the_database(tf: TaskForce, draft: Phase, door: str) -> None:
    now, taken = datetime(2022, 2, 15, 12, tzinfo=UTC), {}
    for name in ORDERS:
        opens, closes = _instants(name)
        if closes == opens:  # the day before, anywhere on Earth: no time at all
            opens += timedelta(seconds=1)
        with suppress(DatabaseError):
            with committed():
                _order(draft, opens, closes, now, door)
            taken[name] = "nothing refused it"
        draft.refresh_from_db()
        if draft.published_at is not None:
            taken[name] = "it is published"
    assert taken == {}


def _order(draft: Phase, opens: datetime, closes: datetime, now: datetime, door: str) -> None:
    if door == "save":
        draft.opens_at, draft.closes_at, draft.published_at = opens, closes, now
        draft.save()
    elif door == "update":
        Phase.objects.filter(pk=draft.pk).update(opens_at=opens, closes_at=closes, published_at=now)
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE timeline_phase SET opens_at = %s, closes_at = %s, published_at = %s WHERE id = %s",
                [opens, closes, now, draft.pk],
            )
