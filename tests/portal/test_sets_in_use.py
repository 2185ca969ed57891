"""A set of questions says where it is asked, in rooms that it knows nothing of."""

from feedback.models import FeedbackWindow
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.questions import uses
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.portal.making import AT, read

LIST = "/en/admin/questions/questionset/"


def test_a_set_names_what_asks_it(
    client: Client,
    tf: TaskForce,
    people: dict[str, User],
    window: FeedbackWindow,
    call: Call,
    questions: QuestionSetVersion,
) -> None:
    other = create_set("other", [{"kind": "region", "labels": {"en": "Where?"}}], at=AT)
    assert {version: len(found) for version, found in uses.of([questions.pk, other.pk]).items()} == {questions.pk: 2}
    assert uses.of([]) == {}
    client.force_login(people["coordinator"])
    page = read(client, f"{LIST}{questions.question_set_id}/change/")
    assert f'href="/en/tf/{tf.slug}/feedback/{window.slug}/"' in page
    assert f'href="/en/tf/{tf.slug}/join/"' in page
    assert "nothing yet" in read(client, f"{LIST}{other.question_set_id}/change/")
