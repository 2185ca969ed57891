"""A former name in what a call says: all of it is in the list, a reason of an act is history, and each is put right."""

from collections.abc import Callable

import pytest
from django.db import connection

from recruitment import services as recruitment
from recruitment.models import Call
from recruitment.services.calls import publish_call
from taskforce.accounts.models import User
from taskforce.core import labels
from taskforce.portal.old_words import sayings, words_of
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


def _of_calls(task_force: TaskForce) -> list[str]:
    found = (one.place for one in sayings(task_force, words_of(task_force)))
    return [place for place in found if place.startswith("label:recruitment.")]


def test_every_word_of_a_call_is_in_the_list_and_put_right(call: Call, tf: TaskForce, people: dict[str, User]) -> None:
    criterion, told = call.criteria.get(), call.clarifications.get()
    rows = {
        call: ("title", "purpose", "eligibility", "term", "hours", "allowance", "publication", "criteria_introduction"),
        criterion: ("label", "help_text"),
        criterion.meanings.get(): ("text",),
        told: ("question", "answer"),
    }
    places = {f"label:{row._meta.label_lower}:{row.pk}:{name}" for row, names in rows.items() for name in names}
    assert set(_of_calls(tf)) == places
    for row, names in rows.items():
        for name in names:
            services.correct_label(
                tf.pk, row=row, field=name, language="en", text=f"The {NEW}", actor=people["coordinator"]
            )
            row.refresh_from_db()
            assert labels.stored(row, name) == {"en": f"The {NEW}"}
    assert _of_calls(tf) == []
    # Why the seats were changed says what it said then.
    assert labels.stored(call.changes.get(), "reason") == {"en": f"The {OLD}"}
