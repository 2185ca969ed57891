"""Calls as staff make them: drafts that nobody sees, publishing, and what changes later by acts alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404

from recruitment import plan, queries, readiness, services
from recruitment.models import Application, Call, CallChange, Clarification, Criterion, ScoreMeaning
from recruitment.plan import Details, Line
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import grant_role
from taskforce.audit.models import Entry
from taskforce.core import labels
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.calling import MEANINGS, details, drafted, line
from tests.recruitment.conftest import AT, CALL, OPEN, PAGE, QUESTIONS, REVIEW, Scored, someone_applies

Phases = Callable[[str], Phase]


@pytest.fixture
def coordinates(people: dict[str, User]) -> User:
    """Who makes calls; two people review."""
    for name in ("reviewer1", "reviewer2"):
        assert people[name].pk
    return people["coordinator"]


@pytest.fixture
def draft(phase: Phases, version: QuestionSetVersion, coordinates: User) -> Call:
    """A draft that lacks nothing."""
    return drafted(phase("recruitment"), version, coordinates)


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_nowhere_public_not_even_that_there_is_one(
    draft: Call, tf: TaskForce, client: Client, clock: Clock
) -> None:
    clock.set(OPEN)
    for path in (CALL, PAGE, f"{CALL}?call=recruitment", f"/en/tf/{tf.slug}/process/", f"/en/tf/{tf.slug}/", "/en/"):
        html = client.get(path, follow=True).content.decode()
        assert "Become a member" not in html, path
        assert "Is it paid?" not in html, path
    assert "There is no call for members yet" in client.get(CALL).content.decode()
    for path in (f"/en/tf/{tf.slug}/phases.json", f"/en/tf/{tf.slug}/phases.ics"):
        answer = client.get(path, follow=True)
        if answer.status_code == 200:
            assert b"Become a member" not in answer.content
    assert not queries.published_calls().exists()
    assert queries.current_call(tf, OPEN) is None
    assert not queries.in_phases().exists()


def test_what_a_draft_says_is_what_was_typed(draft: Call, coordinates: User) -> None:
    assert labels.stored(draft, "publication") == {"en": "Names of members who agree; of others nothing."}
    said = {"title": {"zh-hant": "成為成員"}, "purpose": {"en": " Another\u0000 purpose "}}
    services.edit_call(draft.pk, details(texts=said, seats=5, languages=["zh-hant", "en"]), actor=coordinates)
    draft.refresh_from_db()
    # In languages and fields that nobody gave, it says what it said.
    assert labels.stored(draft, "title") == {"en": "Become a member", "zh-hant": "成為成員"}
    assert labels.stored(draft, "purpose") == {"en": "Another purpose"}
    assert labels.stored(draft, "term") == {"en": "One year"}
    assert (draft.seats, draft.panel_size, draft.languages) == (5, 2, ["en", "zh-hant"])
    assert Entry.objects.filter(action="call.edited", target_id=draft.pk).count() == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (details(texts={"title": {"en": " \u200b "}}), "needs a title"),
        (details(texts={"title": {"xx": "T"}}), "not a language of this portal"),
        (details(texts={"title": {"en": "T" * 301}}), "too long"),
        (details(texts={"pay": {"en": "T"}}), "no such text"),
        (details(seats=0), "at least one seat"),
        (details(seats=1001), "at most 1000 seats"),
        (details(panel_size=-1), "at most 100"),
        (details(panel_size=101), "at most 100"),
        (details(languages=["tlh"]), "not a language of this portal"),
    ],
)
def test_what_no_call_can_say_is_refused(
    phase: Phases, version: QuestionSetVersion, coordinates: User, given: Details, why: str
) -> None:
    with pytest.raises(Invalid, match=why):
        services.draft_call(phase("recruitment").pk, version.pk, given, actor=coordinates)
    assert not Call.objects.exists()


def test_where_no_call_can_be_it_is_not_begun(
    phase: Phases, version: QuestionSetVersion, coordinates: User, draft: Call, people: dict[str, User]
) -> None:
    asked: list[tuple[int, int, User, type[PortalError] | type[Http404], str]] = [
        (phase("recruitment").pk, version.pk, coordinates, Conflict, "has a call already"),
        (phase("work").pk, version.pk, coordinates, Invalid, "in which people can apply"),
        (10**9, version.pk, coordinates, Http404, ""),
        (phase("recruitment").pk, version.pk, people["reviewer1"], Refused, "Only coordinators"),
    ]
    for phase_id, version_id, actor, error, why in asked:
        with pytest.raises(error, match=why or "^"):
            services.draft_call(phase_id, version_id, details(), actor=actor)


def test_questions_are_of_the_task_force_and_chosen_before_it_is_published(
    draft: Call, tf: TaskForce, coordinates: User
) -> None:
    ours = create_set("again", QUESTIONS, at=AT, task_force_id=tf.pk)
    other = timeline.create_task_force("other", {"en": "Other"}, at=AT)
    theirs = create_set("theirs", QUESTIONS, at=AT, task_force_id=other.pk)
    with pytest.raises(Invalid, match="another task force"):
        services.choose_questions(draft.pk, theirs.pk, actor=coordinates)
    with pytest.raises(Invalid, match="no such version"):
        services.choose_questions(draft.pk, 10**9, actor=coordinates)
    assert services.choose_questions(draft.pk, ours.pk, actor=coordinates).questions_id == ours.pk
    services.publish_draft(draft.pk, actor=coordinates)
    with pytest.raises(Refused, match="for the next call"):
        services.choose_questions(draft.pk, ours.pk, actor=coordinates)


def test_who_comes_second_is_told_and_nothing_is_stored(draft: Call, coordinates: User) -> None:
    first, second = draft.criteria.all()
    told = draft.clarifications.get()
    seen = queries.details_seen(draft)
    services.edit_call(draft.pk, details(seats=3), actor=coordinates, expected=seen)
    shown = queries.criterion_seen(first), queries.clarification_seen(told), queries.order_seen(draft)
    services.edit_criterion(first.pk, line("Experience", 50), actor=coordinates, expected=shown[0])
    services.edit_clarification(told.pk, {"en": "Paid?"}, {"en": "No"}, actor=coordinates, expected=shown[1])
    services.move_criterion(second.pk, up=True, actor=coordinates, expected=shown[2])
    late: list[Callable[[], object]] = [
        lambda: services.edit_call(draft.pk, details(seats=9), actor=coordinates, expected=seen),
        lambda: services.edit_criterion(first.pk, line("X", 1), actor=coordinates, expected=shown[0]),
        lambda: services.remove_criterion(first.pk, actor=coordinates, expected=shown[0]),
        lambda: services.move_criterion(first.pk, up=True, actor=coordinates, expected=shown[2]),
        lambda: services.add_criterion(draft.pk, line("X", 1), actor=coordinates, expected=shown[2]),
        lambda: services.edit_clarification(told.pk, {"en": "X"}, {"en": "X"}, actor=coordinates, expected=shown[1]),
        lambda: services.remove_clarification(told.pk, actor=coordinates, expected=shown[1]),
        lambda: services.move_clarification(told.pk, up=True, actor=coordinates, expected=shown[2]),
        lambda: services.discard_call(draft.pk, actor=coordinates, expected="x"),
    ]
    before = queries.whole_seen(Call.objects.get(pk=draft.pk))
    for act in late:
        with pytest.raises(Conflict, match="changed this call meanwhile"):
            act()
    assert queries.whole_seen(Call.objects.get(pk=draft.pk)) == before


def test_criteria_come_go_and_change_places(draft: Call, coordinates: User) -> None:
    third = services.add_criterion(draft.pk, line("Third", 10, meanings={}), actor=coordinates)
    services.move_criterion(third.pk, up=True, actor=coordinates)
    services.move_criterion(third.pk, up=True, actor=coordinates)
    services.move_criterion(third.pk, up=True, actor=coordinates)
    assert [one.labels["en"] for one in queries.rubric(draft)] == ["Third", "Experience", "Perspective"]
    services.move_criterion(third.pk, up=False, actor=coordinates)
    services.edit_criterion(
        third.pk,
        line("", 20, labels={"zh-hant": "第三"}, meanings={1: {"en": "Low"}, 2: {"en": ""}}),
        actor=coordinates,
    )
    found = queries.rubric(draft)[1]
    assert (found.labels, found.weight, found.meanings) == ({"en": "Third", "zh-hant": "第三"}, 20, {1: {"en": "Low"}})
    services.edit_criterion(third.pk, line("Third", 20, meanings={1: {"en": ""}}), actor=coordinates)
    assert queries.rubric(draft)[1].meanings == {}
    services.remove_criterion(draft.criteria.order_by("position")[0].pk, actor=coordinates)
    assert list(draft.criteria.order_by("position").values_list("position", flat=True)) == [1, 2]
    assert ScoreMeaning.objects.filter(criterion__call=draft).count() == 5


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (line(labels={}), "needs a label"),
        (line(weight=0), "from 1 to 100"),
        (line(weight=101), "from 1 to 100"),
        (line(meanings={6: {"en": "More"}}), "from 1 to 5"),
        (line(meanings={1: {"en": "x" * 601}}), "too long"),
        (line(help_texts={"xx": "?"}), "not a language"),
    ],
)
def test_what_is_no_criterion_is_refused(draft: Call, coordinates: User, given: Line, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        services.add_criterion(draft.pk, given, actor=coordinates)


def test_there_is_an_end_to_criteria_and_questions(
    draft: Call, coordinates: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recruitment.plan.MOST_CRITERIA", 2)
    monkeypatch.setattr("recruitment.plan.MOST_CLARIFICATIONS", 1)
    with pytest.raises(Invalid, match="at most 2 criteria"):
        services.add_criterion(draft.pk, line(), actor=coordinates)
    with pytest.raises(Invalid, match="at most 1 questions"):
        services.add_clarification(draft.pk, {"en": "Q"}, {"en": "A"}, actor=coordinates)
    with pytest.raises(Invalid, match="a question and its answer"):
        services.add_clarification(draft.pk, {"en": "Q"}, {"en": ""}, actor=coordinates)


def test_a_draft_is_thrown_away_whole_and_a_published_call_never(draft: Call, coordinates: User) -> None:
    services.discard_call(draft.pk, actor=coordinates, expected=queries.whole_seen(draft))
    assert not Call.objects.exists()
    assert not Criterion.objects.exists()
    assert not Clarification.objects.exists()
    assert Entry.objects.filter(action="call.discarded").count() == 1


# --- publishing -------------------------------------------------------------------------------------------------------


def test_a_call_that_lacks_nothing_is_published_with_its_row_in_the_log(
    draft: Call, coordinates: User, client: Client
) -> None:
    found = readiness.of(draft, AT)
    seen = services.check_seen(draft, found)
    services.publish_draft(draft.pk, actor=coordinates, expected=seen, has_read=True)
    draft.refresh_from_db()
    assert draft.published_at is not None
    assert "Become a member" in client.get(CALL).content.decode()
    entry = Entry.objects.get(action="call.published")
    assert (entry.actor_id, entry.target_id, entry.details["seats"]) == (coordinates.pk, draft.pk, 2)
    with pytest.raises(Conflict, match="published this call"):
        services.publish_draft(draft.pk, actor=coordinates)


def test_what_blocks_is_refused_with_all_of_it(draft: Call, coordinates: User, client: Client) -> None:
    services.remove_criterion(draft.criteria.all()[0].pk, actor=coordinates)
    services.edit_call(draft.pk, details(texts={"publication": {"en": ""}}, panel_size=9), actor=coordinates)
    with pytest.raises(Refused, match="not ready") as refused:
        services.publish_draft(draft.pk, actor=coordinates)
    said = "\n".join(str(words) for _part, words in refused.value.facts)
    assert "add up to 40, not to 100" in said
    assert "What becomes public, and about whom" in said
    assert "2 people can review" in said
    assert not Call.objects.exclude(published_at=None).exists()
    assert not Entry.objects.filter(action="call.published").exists()


def test_what_changed_since_the_check_was_shown_is_a_conflict_and_warnings_are_read(
    draft: Call, coordinates: User
) -> None:
    services.edit_criterion(draft.criteria.all()[0].pk, line(meanings={3: {"en": ""}}), actor=coordinates)
    seen = services.check_seen(draft, readiness.of(draft, AT))
    with pytest.raises(Invalid, match="warnings that were not read"):
        services.publish_draft(draft.pk, actor=coordinates, expected=seen)
    services.edit_call(draft.pk, details(texts={"term": {"en": "Two years"}}), actor=coordinates)
    with pytest.raises(Conflict, match="Check it again"):
        services.publish_draft(draft.pk, actor=coordinates, expected=seen, has_read=True)
    draft.refresh_from_db()
    seen = services.check_seen(draft, readiness.of(draft, AT))
    services.publish_draft(draft.pk, actor=coordinates, expected=seen, has_read=True)
    assert Entry.objects.get(action="call.published").details["left_open"] == ["scores-without-meaning"]


def test_only_scenarios_publish_a_call_without_its_check() -> None:
    """`publish_call` asks neither who may nor whether anybody could review: it is no service."""
    assert not hasattr(services, "publish_call")
    found = {
        str(path)
        for app in ("recruitment", "feedback", "proposals", "taskforce", "deploy")
        for path in Path(app).rglob("*.py")
        if "publish_call" in path.read_text()
    }
    assert found == {"recruitment/services/calls.py", "taskforce/portal/scenarios/calling.py"}


def test_who_publishes_has_seen_the_dates(draft: Call, coordinates: User) -> None:
    seen = services.check_seen(draft, readiness.of(draft, AT))
    timeline.shorten(draft.phase_id, closes_on=date(2022, 4, 9), reason="Early.", actor=coordinates)
    with pytest.raises(Conflict, match="Check it again"):
        services.publish_draft(draft.pk, actor=coordinates, expected=seen, has_read=True)
    draft = Call.objects.get(pk=draft.pk)
    seen = services.check_seen(draft, readiness.of(draft, AT))
    services.publish_draft(draft.pk, actor=coordinates, expected=seen, has_read=True)


def test_who_may_not_publish_does_not(draft: Call, coordinates: User, people: dict[str, User]) -> None:
    with pytest.raises(Http404):
        services.publish_draft(draft.pk, actor=people["reviewer1"])
    RoleGrant.objects.filter(user=coordinates).delete()
    with pytest.raises((Refused, Http404)):
        services.publish_draft(draft.pk, actor=coordinates)
    with pytest.raises(Refused, match="Only coordinators"):
        services.edit_call(draft.pk, details(), actor=coordinates)


# --- acts -------------------------------------------------------------------------------------------------------------

WHY = {"en": "More regions are represented.", "zh-hant": "讓更多地區有代表。"}


@pytest.fixture
def published(draft: Call, coordinates: User) -> Call:
    """The same, published."""
    return services.publish_draft(draft.pk, actor=coordinates)


def test_seats_change_by_an_act_that_says_why_more_or_fewer(published: Call, coordinates: User, clock: Clock) -> None:
    change = services.change_seats(published.pk, 5, WHY, actor=coordinates, expected=2)
    clock.set(REVIEW)
    services.change_seats(published.pk, 1, {"en": "Fewer came."}, actor=coordinates)
    published.refresh_from_db()
    assert published.seats == 1
    assert [(one.number, one.old_seats, one.new_seats) for one in queries.changes(published)] == [(2, 5, 1), (1, 2, 5)]
    assert queries.seats_at_first(published) == 2
    assert labels.stored(change, "reason") == WHY
    assert (change.actor_id, change.actor_name) == (coordinates.pk, coordinates.name)
    entry = Entry.objects.filter(action="call.seats-changed").order_by("pk")[0]
    assert (entry.reason, entry.details) == (WHY["en"], {"before": 2, "after": 5, "number": 1})


@pytest.mark.parametrize(
    ("seats", "reasons", "expected", "error", "why"),
    [
        (2, WHY, None, Invalid, "this number of seats already"),
        (0, WHY, None, Invalid, "at least one seat"),
        (3, {}, None, Invalid, "Say why"),
        (3, {"en": " \u200b"}, None, Invalid, "Say why"),
        (3, {"xx": "Because"}, None, Invalid, "not a language"),
        (3, WHY, 7, Conflict, "there are 2 now"),
    ],
)
def test_seats_stay_where_the_act_says_nothing(
    published: Call, coordinates: User, seats: int, reasons: dict[str, str], expected: int | None,
    error: type[PortalError], why: str,
) -> None:  # fmt: skip
    with pytest.raises(error, match=why):
        services.change_seats(published.pk, seats, reasons, actor=coordinates, expected=expected)
    assert not CallChange.objects.exists()


def test_seats_of_a_draft_need_no_act_and_those_of_others_are_not_ours(
    draft: Call, coordinates: User, people: dict[str, User]
) -> None:
    with pytest.raises(Conflict, match="is a draft"):
        services.change_seats(draft.pk, 3, WHY, actor=coordinates)
    with pytest.raises(Refused, match="Only coordinators"):
        services.change_seats(draft.pk, 3, WHY, actor=people["reviewer1"])
    with pytest.raises(Http404):
        services.change_seats(10**9, 3, WHY, actor=coordinates)


def test_a_candidate_changes_nothing_of_their_own_call(published: Call, tf: TaskForce, clock: Clock) -> None:
    clock.set(OPEN)
    person = someone_applies(published, "both").applicant
    grant_role(person, Role.DEPUTY, at=AT, actor_id=None, task_force_id=tf.pk)
    with pytest.raises(Refused, match="applied to this call yourself"):
        services.change_seats(published.pk, 9, WHY, actor=person)


def test_after_the_release_and_a_cancelling_nothing_changes(
    call: Call, three: list[Application], people: dict[str, User], clock: Clock
) -> None:
    actor = people["coordinator"]
    services.change_seats(call.pk, 3, WHY, actor=actor)
    services.decide(three[0].pk, actor, "accept")
    services.change_seats(call.pk, 2, WHY, actor=actor)
    services.release(call.pk, actor)
    with pytest.raises(Refused, match="have been told"):
        services.change_seats(call.pk, 4, WHY, actor=actor)
    with pytest.raises(Refused, match="have been told"):
        services.change_criteria(call.pk, [line(weight=100)], WHY, actor=actor)


def test_a_cancelled_call_changes_no_more(published: Call, coordinates: User, clock: Clock) -> None:
    clock.set(OPEN)
    timeline.cancel_phase(published.phase_id, reason="Nobody came.", reason_language="en", actor=coordinates)
    for act in (
        lambda: services.change_seats(published.pk, 4, WHY, actor=coordinates),
        lambda: services.add_clarification(published.pk, {"en": "Q"}, {"en": "A"}, actor=coordinates),
    ):
        with pytest.raises(Refused, match="was cancelled"):
            act()


def test_the_rubric_changes_by_an_act_that_keeps_what_it_was(published: Call, coordinates: User) -> None:
    first, second = published.criteria.all()
    before = queries.rubric(published)
    lines = [
        line("Perspective", 30, criterion_id=second.pk, meanings={1: {"en": "None at all"}}),
        line("Languages", 70, meanings={}),
    ]
    change = services.change_criteria(
        published.pk, lines, WHY, actor=coordinates, expected=queries.rubric_seen(published)
    )
    now = queries.rubric(published)
    assert [(one.labels["en"], one.weight) for one in now] == [("Perspective", 30), ("Languages", 70)]
    assert now[0].criterion_id == second.pk
    # What nobody named stays: four meanings of the five.
    assert now[0].meanings == {**MEANINGS, 1: {"en": "None at all"}}
    first.refresh_from_db()
    assert first.retired_at == change.at
    assert change.old_criteria == queries.kept(before)
    assert [(one["labels"], one["weight"]) for one in change.new_criteria or []] == [
        ({"en": "Perspective"}, 30),
        ({"en": "Languages"}, 70),
    ]
    assert [one.pk for one in queries.criteria(published)] == [one.criterion_id for one in now]


def test_the_rubric_stays_where_the_act_says_nothing(published: Call, coordinates: User) -> None:
    first, second = published.criteria.all()
    same = [line(criterion_id=first.pk), line("Perspective", 40, criterion_id=second.pk)]
    refusals: list[tuple[Any, dict[str, str], str]] = [
        (same, WHY, "these already"),
        ([], WHY, "at least one criterion"),
        ([line(weight=99)], WHY, "add up to 99"),
        ([line(weight=100)], {}, "Say why"),
        ([line(weight=100, criterion_id=10**9)], WHY, "does not belong to this call"),
        ([line(weight=50, criterion_id=first.pk), line(weight=50, criterion_id=first.pk)], WHY, "does not belong"),
    ]
    for lines, reasons, why in refusals:
        with pytest.raises(Invalid, match=why):
            services.change_criteria(published.pk, lines, reasons, actor=coordinates)
    with pytest.raises(Conflict, match="changed the criteria"):
        services.change_criteria(published.pk, [line(weight=100)], WHY, actor=coordinates, expected="x")
    assert not CallChange.objects.exists()


def test_who_has_read_scores_does_not_choose_the_weights(
    call: Call, three: list[Application], people: dict[str, User], scored: Scored
) -> None:
    scored(three[0], people["reviewer1"], 5, 1)
    with pytest.raises(Refused, match="Reviews were submitted by these criteria"):
        services.change_criteria(call.pk, [line(weight=100)], WHY, actor=people["coordinator"])


def test_questions_are_answered_later_too_each_with_its_date(
    published: Call, coordinates: User, client: Client, clock: Clock
) -> None:
    clock.set(OPEN)
    made = services.add_clarification(published.pk, {"en": "And travel?"}, {"en": "**None**."}, actor=coordinates)
    assert made.position == 2
    assert published.published_at is not None
    assert made.added_at > published.published_at
    page = client.get(CALL).content.decode().split('id="clarified"', 1)[1].split("</section>", 1)[0]
    first, later = page.split("And travel?")
    assert "Added since" not in first
    assert "Added since the call was published" in later
    assert f'datetime="{made.added_at:%Y-%m-%dT%H:%M}' in later
    told = published.clarifications.order_by("position")[0]
    for act in (
        lambda: services.edit_clarification(told.pk, {"en": "X"}, {"en": "X"}, actor=coordinates),
        lambda: services.remove_clarification(told.pk, actor=coordinates),
        lambda: services.move_clarification(told.pk, up=False, actor=coordinates),
    ):
        with pytest.raises(Conflict, match="published this call"):
            act()


# --- words ------------------------------------------------------------------------------------------------------------


def test_languages_that_have_no_text_are_given_one_at_any_time_and_the_log_knows(
    call: Call, three: list[Application], people: dict[str, User], scored: Scored, clock: Clock
) -> None:
    """Also once reviews were submitted, and decisions told."""
    actor = people["coordinator"]
    told = services.add_clarification(call.pk, {"en": "Paid?"}, {"en": "No."}, actor=actor)
    criterion = call.criteria.order_by("position")[1]
    lines = [replace(one, meanings={1: {"en": "Low"}}) for one in queries.rubric(call)]
    services.change_criteria(call.pk, lines, WHY, actor=actor)
    scored(three[0], people["reviewer1"], 5, 1)
    services.decide(three[0].pk, actor, "accept")
    services.release(call.pk, actor)
    asked: list[tuple[Any, dict[str, dict[str, str]], dict[int, dict[str, str]]]] = [
        (call, {"title": {"de": "Mitglied werden", "en": "Become a member"}}, {}),
        (criterion, {"label": {"zh-hant": "觀點"}, "help_text": {"en": ""}}, {1: {"en": "Low", "ar": "منخفض"}}),
        (told, {"question": {"zh-hant": "有報酬嗎？"}, "answer": {"ar": "لا"}}, {}),
    ]
    for (row, texts, meanings), count in zip(asked, (1, 2, 2), strict=True):
        seen = queries.words_seen(row)
        assert services.put_right(row, texts, seen=seen, actor=actor, meanings=meanings) == count
        row.refresh_from_db()
    assert labels.stored(criterion, "label") == {"en": "Perspective", "zh-hant": "觀點"}
    assert labels.stored(criterion.meanings.get(), "text") == {"en": "Low", "ar": "منخفض"}
    assert Entry.objects.filter(action="label.of-a-call").count() == 5
    assert CallChange.objects.filter(call=call).count() == 1


def test_what_is_public_in_a_language_is_not_said_otherwise_without_an_act(
    published: Call, coordinates: User, people: dict[str, User]
) -> None:
    seen = queries.words_seen(published)
    criterion = published.criteria.all()[0]
    rows: list[tuple[Any, str]] = [(published, name) for name in plan.FIELDS if labels.stored(published, name)]
    rows += [(criterion, "label"), (criterion.meanings.all()[0], "text")]
    rows += [(published.clarifications.get(), "question"), (published.clarifications.get(), "answer")]
    for row, name in rows:
        for text in ("Fluent Klingon", ""):
            with pytest.raises(Invalid, match=r"by an act with its reason alone \(English\)"):
                services.put_right(row, {name: {"en": text}}, seen=queries.words_seen(row), actor=coordinates)
    given = {1: {"en": "Other"}}
    with pytest.raises(Invalid, match="by an act"):
        services.put_right(criterion, {}, seen=queries.words_seen(criterion), actor=coordinates, meanings=given)
    refusals: list[tuple[dict[str, dict[str, str]], str, User, type[PortalError], str]] = [
        ({"seats": {"de": "9"}}, seen, coordinates, Invalid, "no such text"),
        ({"title": {"de": "x" * 301}}, seen, coordinates, Invalid, "too long"),
        ({"title": {"de": "Neu"}}, "x", coordinates, Conflict, "changed these texts"),
        ({"title": {"de": "Neu"}}, seen, people["reviewer1"], Refused, "Only coordinators"),
    ]
    for texts, shown, actor, error, why in refusals:
        with pytest.raises(error, match=why):
            services.put_right(published, texts, seen=shown, actor=actor)
    assert services.put_right(published, {"title": {"en": "Become a member"}}, seen=seen, actor=coordinates) == 0
    assert not Entry.objects.filter(action="label.of-a-call").exists()


def test_other_words_are_an_act_that_everybody_reads_with_what_they_were(
    published: Call, coordinates: User, client: Client, clock: Clock
) -> None:
    clock.set(OPEN)
    texts = {"publication": {"en": "All that you write.", "de": "Alles."}, "hours": {"en": "About four"}}
    seen = queries.words_seen(published)
    change = services.change_words(published, texts, WHY, actor=coordinates, expected=seen)
    published.refresh_from_db()
    assert labels.stored(published, "publication") == texts["publication"]
    was = "Names of members who agree; of others nothing."
    assert [(one["field"], one["language"], one["before"], one["now"]) for one in change.words or []] == [
        ("publication", "en", was, "All that you write."),
        ("publication", "de", "", "Alles."),
    ]
    told = published.clarifications.get()
    services.change_words(told, {"answer": {"en": "Yes."}}, WHY, actor=coordinates)
    html = client.get(CALL).content.decode().split('id="changes"', 1)[1].split("</section>", 1)[0]
    for said in ("Words of the call were changed.", was, "All that you write.", "Alles.", "No.", "Yes.", WHY["en"]):
        assert said in html, said
    entries = Entry.objects.filter(action="call.words-changed")
    assert [(one.target_id, one.reason) for one in entries] == [(published.pk, WHY["en"])] * 2
    assert Entry.objects.filter(action="label.of-a-call").count() == 3


def test_words_stay_where_the_act_says_nothing(
    published: Call, coordinates: User, people: dict[str, User], clock: Clock
) -> None:
    refusals: list[tuple[Any, dict[str, str], User, str | None, type[PortalError], str]] = [
        ({"title": {"en": "Become a member"}}, WHY, coordinates, None, Invalid, "says this already"),
        ({"title": {"en": "New"}}, {}, coordinates, None, Invalid, "Say why"),
        ({"title": {"en": ""}}, WHY, coordinates, None, Invalid, "What is public in a language stays"),
        ({"seats": {"en": "9"}}, WHY, coordinates, None, Invalid, "no such text"),
        ({"title": {"en": "New"}}, WHY, coordinates, "x", Conflict, "changed these texts"),
        ({"title": {"en": "New"}}, WHY, people["reviewer1"], None, Refused, "Only coordinators"),
    ]
    for texts, why, actor, seen, error, said in refusals:
        with pytest.raises(error, match=said):
            services.change_words(published, texts, why, actor=actor, expected=seen)
    clock.set(OPEN)
    timeline.cancel_phase(published.phase_id, reason="Nobody came.", reason_language="en", actor=coordinates)
    with pytest.raises(Refused, match="was cancelled"):
        services.change_words(published, {"title": {"en": "New"}}, WHY, actor=coordinates)
    assert not CallChange.objects.exists()
