"""A former name in what a call says: all of it is in the list, a reason of an act is history, and acts put it right."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Model

from recruitment import plan
from recruitment import services as recruitment
from recruitment.models import Call
from recruitment.services.calls import publish_call
from taskforce.accounts.models import User
from taskforce.core import labels
from taskforce.portal.old_words import label_at, sayings, words_of
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline import services
from taskforce.timeline.models import Phase, TaskForce
from tests.portal.making import AT

OLD, NEW = "Task Force", "Working Group"


@pytest.fixture
def call(tf: TaskForce, phase: Callable[[str], Phase], questions: QuestionSetVersion, people: dict[str, User]) -> Call:
    """A call that says the former name wherever it says anything."""
    services.look_for_old_word(tf.pk, word=OLD, language="en", actor=people["coordinator"])
    said = {"en": f"The {OLD}"}
    made = publish_call(
        phase("recruitment"),
        questions,
        titles=said,
        purposes=said,
        seats=12,
        criteria=[{"labels": said, "help_texts": said, "meanings": {5: said}, "weight": 100}],
        texts=dict.fromkeys(
            ("eligibility", "term", "hours", "allowance", "publication", "criteria_introduction"), said
        ),
        clarifications=[(said, said)],
        at=AT,
    )
    recruitment.change_seats(made.pk, 15, said, actor=people["coordinator"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('recruitment.acted', '', true)")
    return made


def _of_calls(task_force: TaskForce) -> dict[str, str]:
    found = {one.place: one.url for one in sayings(task_force, words_of(task_force))}
    return {place: url for place, url in found.items() if place.startswith("label:recruitment.")}


def test_every_word_of_a_call_is_in_the_list_with_the_way_to_the_act(
    call: Call, tf: TaskForce, people: dict[str, User]
) -> None:
    """What is published changes by a public act alone: the list leads there, and not to its own page."""
    criterion, told = call.criteria.get(), call.clarifications.get()
    admin = f"/en/admin/recruitment/call/{call.pk}"
    rows: dict[Model, tuple[tuple[str, ...], str]] = {
        call: (plan.FIELDS, f"{admin}/words/"),
        criterion: (("label", "help_text"), f"{admin}/rubric/"),
        criterion.meanings.get(): (("text",), f"{admin}/criteria/{criterion.pk}/scores/"),
        told: (("question", "answer"), f"{admin}/clarifications/{told.pk}/words/"),
    }
    urls = {
        f"label:{row._meta.label_lower}:{row.pk}:{name}": url for row, (names, url) in rows.items() for name in names
    }
    assert _of_calls(tf) == urls
    assert [label_at(tf, place) for place in urls] == [None] * len(urls)
    now, actor = {"en": f"The {NEW}"}, people["coordinator"]
    recruitment.change_words(call, dict.fromkeys(plan.FIELDS, now), now, actor=actor)
    recruitment.change_words(told, {"question": now, "answer": now}, now, actor=actor)
    line = plan.Line(now, 100, now, {5: now}, criterion.pk)
    recruitment.change_criteria(call.pk, [line], now, actor=actor)
    assert _of_calls(tf) == {}
    # Why the seats were changed says what it said then.
    assert labels.stored(call.changes.get(kind="seats"), "reason") == {"en": f"The {OLD}"}
