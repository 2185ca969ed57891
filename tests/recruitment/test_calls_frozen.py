"""What the database itself refuses to change of a published call, whoever asks it, and that an act changes it."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from recruitment import queries, services
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.timeline.models import Phase
from tests.recruitment.calling import line

_ACT = """
INSERT INTO recruitment_callchange (call_id, number, kind, old_seats, new_seats, reason, actor_id, actor_name, at)
VALUES ({call}, 9, 'seats', 2, {seats}, 'R', 1, 'A', app_now())
"""
FROZEN = [
    "UPDATE recruitment_call SET seats = 9 WHERE id = {call}",
    "UPDATE recruitment_call SET panel_size = 9 WHERE id = {call}",
    "UPDATE recruitment_call SET languages = '{{en}}' WHERE id = {call}",
    "UPDATE recruitment_call SET published_at = NULL WHERE id = {call}",
    "UPDATE recruitment_call SET title_en = 'Other' WHERE id = {call}",
    "UPDATE recruitment_call SET publication_de = 'Anders' WHERE id = {call}",
    "DELETE FROM recruitment_clarification WHERE call_id = {call}",
    "UPDATE recruitment_clarification SET answer_en = 'Yes' WHERE call_id = {call}",
    "UPDATE recruitment_clarification SET added_at = added_at + interval '1 day' WHERE call_id = {call}",
    "UPDATE recruitment_criterion SET weight = 50 WHERE call_id = {call}",
    "UPDATE recruitment_criterion SET label_en = 'Other' WHERE call_id = {call}",
    "UPDATE recruitment_criterion SET retired_at = app_now() WHERE call_id = {call}",
    "INSERT INTO recruitment_criterion (call_id, position, label, help_text, weight) VALUES ({call}, 9, 'L', '', 1)",
    "UPDATE recruitment_scoremeaning SET text_en = 'Other' WHERE criterion_id = {criterion}",
    "DELETE FROM recruitment_scoremeaning WHERE criterion_id = {criterion}",
    "INSERT INTO recruitment_scoremeaning (criterion_id, score, text) VALUES ({criterion}, 2, 'T')",
    "UPDATE recruitment_scoremeaning SET criterion_id = {criterion} WHERE criterion_id = {drafted} AND score = 5",
    "UPDATE recruitment_scoremeaning SET criterion_id = {drafted} WHERE criterion_id = {criterion} AND score = 1",
    "UPDATE recruitment_criterion SET call_id = {call}, position = 8 WHERE id = {drafted}",
    "UPDATE recruitment_clarification SET call_id = {call}, position = 8 WHERE call_id = {draft}",
]
_ON_CRITERIA = """
INSERT INTO recruitment_callchange (call_id, number, kind, old_criteria, new_criteria, reason, actor_id, actor_name, at)
VALUES ({call}, 9, 'criteria', '{old}', '{new}', 'R', 1, 'A', app_now())
"""
_ON_WORDS = """
INSERT INTO recruitment_callchange (call_id, number, kind, words, reason, actor_id, actor_name, at)
VALUES ({call}, 9, 'words', jsonb_build_array(jsonb_build_object(
    'table', 'recruitment_call', 'row', {call}, 'column', 'title_en', 'field', 'title', 'language', 'en',
    'before', 'Become a member', 'now', '{now}'
)), 'R', 1, 'A', app_now())
"""


def _run(statement: str, **ids: int) -> None:
    """In a savepoint, with what is checked at the end of a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**ids))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _run_all(*statements: str, **given: object) -> None:
    """One after the other in one savepoint; what an act is on is known only once it is done."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(**given))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _as_if_long_ago() -> None:
    """What this transaction has made is not to be what it may still write."""
    with connection.cursor() as cursor:
        for setting in ("recruitment.acted", "portal.corrected_label"):
            cursor.execute("SELECT set_config(%s, '', true)", [setting])


@pytest.fixture
def published(call: Call, phase: Callable[[str], Phase], people: dict[str, User]) -> dict[str, int]:
    """A published call with one meaning of a score and one question with its answer, as if of another day; and a draft
    with a criterion and a question of its own."""
    actor = people["coordinator"]
    services.add_clarification(call.pk, {"en": "Paid?"}, {"en": "No."}, actor=actor)
    criterion = call.criteria.order_by("position")[0]
    services.change_criteria(
        call.pk,
        [line(weight=60, criterion_id=criterion.pk, meanings={1: {"en": "Low"}}), line("Rest", 40)],
        {"en": "Scores are told apart."},
        actor=actor,
    )
    draft = Call.objects.create(phase=phase("review"), questions_id=call.questions_id, title="Next", seats=1)
    drafted = services.add_criterion(draft.pk, line("Other", 40), actor=actor)
    services.add_clarification(draft.pk, {"en": "When?"}, {"en": "Soon."}, actor=actor)
    _as_if_long_ago()
    return {"call": call.pk, "criterion": criterion.pk, "draft": draft.pk, "drafted": drafted.pk}


@pytest.mark.parametrize("statement", FROZEN)
def test_what_is_published_stays(published: dict[str, int], statement: str) -> None:
    with pytest.raises(IntegrityError, match=r"published call|add up to"):
        _run(statement, **published)


def test_a_rubric_is_not_taken_away_nor_a_call(published: dict[str, int]) -> None:
    for table, key in (("recruitment_call", "call"), ("recruitment_criterion", "criterion")):
        with pytest.raises((IntegrityError, Exception), match=r"published call|Cannot delete"):
            _run(f"DELETE FROM {table} WHERE id = {{{key}}}", **published)  # noqa: S608 - our own tables


def test_a_draft_changes_freely(published: dict[str, int]) -> None:
    """The twin: without the publishing none of this is refused."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE recruitment_call DISABLE TRIGGER USER")
        cursor.execute("UPDATE recruitment_call SET published_at = NULL WHERE id = %s", [published["call"]])
        cursor.execute("ALTER TABLE recruitment_call ENABLE TRIGGER USER")
    for statement in FROZEN:
        _run(statement, **published)
        _as_if_long_ago()


@pytest.mark.parametrize("new_seats", [8, 9])
def test_an_act_changes_its_call_and_its_call_alone(published: dict[str, int], new_seats: int) -> None:
    """Who writes 9 seats under an act that says 8 is refused; and an act that changes nothing is none."""
    act = _ACT.replace("{seats}", str(new_seats))
    told = f"{act}; {FROZEN[0]}"
    if new_seats == 9:
        _run(told, **published)
    else:
        with pytest.raises(IntegrityError, match="only by an act"):
            _run(told, **published)
        with pytest.raises(IntegrityError, match="in its own transaction"):
            _run(act, **published)


def test_an_act_is_never_rewritten(published: dict[str, int]) -> None:
    for statement in ("UPDATE recruitment_callchange SET reason_en = 'X'", "DELETE FROM recruitment_callchange"):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_weights_of_a_published_call_are_a_hundred_whoever_writes_them(published: dict[str, int]) -> None:
    acted = "SELECT set_config('recruitment.acted', ' {call}:criteria ', true); "
    with pytest.raises(IntegrityError, match="add up to 100"):
        _run(acted + "UPDATE recruitment_criterion SET weight = 59 WHERE id = {criterion}", **published)  # noqa: S608 - our own


def test_an_act_on_seats_is_none_on_the_rubric_and_the_other_way_round(published: dict[str, int]) -> None:
    act = _ACT.replace("{seats}", "9")
    rubric = "UPDATE recruitment_criterion SET label_en = 'Other' WHERE id = {criterion}"
    with pytest.raises(IntegrityError, match="only by an act"):
        _run_all(act, FROZEN[0], rubric, **published)
    on_criteria = {**published, "old": _kept(published), "new": _kept(published)}
    with pytest.raises(IntegrityError, match="only by an act"):
        _run_all(_ON_CRITERIA, FROZEN[0], **on_criteria)
    with pytest.raises(IntegrityError, match="says stays"):
        _run_all(_ON_CRITERIA, "UPDATE recruitment_call SET title_en = 'Other' WHERE id = {call}", **on_criteria)


def _kept(published: dict[str, int], label: str = "Experience") -> str:
    """The rubric as an act keeps it, its first criterion called so."""
    first, second = queries.rubric(Call.objects.get(pk=published["call"]))
    return json.dumps(queries.kept([replace(first, labels={**first.labels, "en": label}), second]))


def test_an_act_on_the_rubric_says_what_it_was_and_is(published: dict[str, int]) -> None:
    says = "UPDATE recruitment_criterion SET label_en = '{label}' WHERE id = {criterion}"
    old, new = _kept(published), _kept(published, "Other")
    with pytest.raises(IntegrityError, match="says what it was"):
        _run_all(_ON_CRITERIA, says, **published, old=new, new=new, label="Other")
    for label in ("Experience", "Third"):
        with pytest.raises(IntegrityError, match="changes it in its own transaction"):
            _run_all(_ON_CRITERIA, says, **published, old=old, new=new, label=label)
    _run_all(_ON_CRITERIA, says, **published, old=old, new=new, label="Other")


def test_an_act_on_words_changes_those_and_no_others(published: dict[str, int]) -> None:
    act = _ON_WORDS.replace("{now}", "Join us")
    says = "UPDATE recruitment_call SET {column} = '{text}' WHERE id = {call}"
    title = says.replace("{column}", "title_en")
    for wrong in (title.replace("{text}", "Other"), says.replace("{column}", "term_en").replace("{text}", "Join us")):
        with pytest.raises(IntegrityError, match="says stays"):
            _run_all(act, wrong, **published)
    with pytest.raises(IntegrityError, match="changes them in its own transaction"):
        _run_all(act, **published)
    _run_all(act, title.replace("{text}", "Join us"), **published)
    # Whoever comes later does not do it once more.
    _as_if_long_ago()
    with pytest.raises(IntegrityError, match="says stays"):
        _run_all(title.replace("{text}", "Become a member"), **published)


@pytest.mark.parametrize("table", ["recruitment_criterion", "recruitment_scoremeaning"])
def test_a_correction_only_fills_languages_that_have_no_text(published: dict[str, int], table: str) -> None:
    name, where = ("label", "id") if table == "recruitment_criterion" else ("text", "criterion_id")
    told = f"SELECT set_config('portal.corrected_label', '{table} ' || id, true) FROM {table} WHERE {where} = "  # noqa: S608 - our own
    told += "{criterion}"
    fills = f"UPDATE {table} SET {name}_de = 'Neu' WHERE {where} = {{criterion}}"  # noqa: S608 - our own
    _run_all(told, fills, **published)
    with pytest.raises(IntegrityError, match="only by an act"):
        _run_all(told, fills.replace("Neu", "Anders"), **published)
    with pytest.raises(IntegrityError, match="only by an act"):
        _run_all(told, fills.replace("_de", "_en"), **published)
