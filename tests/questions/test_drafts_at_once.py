"""Two people at one draft at the same moment: one is first, the other is told, and nothing is lost or made twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.core.errors import Conflict
from taskforce.questions import drafts, services
from taskforce.questions.models import Draft, QuestionSetVersion
from tests.questions.test_kinds import AT, LINE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
Save = Callable[[int, str, str, User, Barrier], object]


def _locked(set_id: int, seen: str, said: str, actor: User, together: Barrier) -> object:
    """The service as it is."""
    together.wait(20)
    return services.save_question(set_id, 1, {"labels-en": said}, seen=seen, codes=["en"], actor=actor, at=AT)


def _unlocked(set_id: int, seen: str, said: str, actor: User, together: Barrier) -> object:
    """The same steps without the lock: what the next test must be able to catch."""
    draft = Draft.objects.get(question_set=set_id)
    spec = drafts.questions(draft.content)[0]
    together.wait(20)
    if drafts.marks(spec, ["en"]) != seen:
        raise services.ChangedMeanwhile(spec)
    content = drafts.replaced(draft.content, {**spec, "labels": {"en": said}})
    return Draft.objects.filter(pk=draft.pk).update(content=content)


def _leaders() -> list[User]:
    found = []
    for name in ("one", "two"):
        person = create_account(f"{name}@demo.example", at=AT, name=name.title(), password="demo")
        grant_role(person, Role.ADMINISTRATOR, at=AT, actor_id=None)
        found.append(person)
    return found


def _at_once(act: Callable[[User], object], people: list[User]) -> list[type[BaseException] | None]:
    def one(person: User) -> type[BaseException] | None:
        try:
            act(person)
        except Conflict as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(one, people))


@pytest.mark.parametrize(("save", "told"), [(_locked, 1), (_unlocked, 0)], ids=["service", "twin"])
def test_two_people_at_one_question(save: Save, told: int) -> None:
    people = _leaders()
    made = services.create_set("set", [LINE], at=AT)
    draft = services.begin_version(made.question_set_id, actor=people[0], at=AT)
    seen, together = drafts.marks(drafts.questions(draft.content)[0], ["en"]), Barrier(2)
    outcomes = _at_once(lambda person: save(made.question_set_id, seen, person.name, person, together), people)
    assert outcomes.count(services.ChangedMeanwhile) == told
    draft.refresh_from_db()
    won = people[outcomes.index(None)]
    assert drafts.questions(draft.content)[0]["labels"]["en"] in ({won.name} if told else {"One", "Two"})


def test_a_draft_is_published_once() -> None:
    people, together = _leaders(), Barrier(2)
    made = services.create_set("set", [LINE], at=AT)
    draft = services.begin_version(made.question_set_id, actor=people[0], at=AT)

    def publish(person: User) -> None:
        together.wait(20)
        services.publish_draft(made.question_set_id, expected=drafts.token(draft.content), actor=person, at=AT)

    assert _at_once(publish, people).count(Conflict) == 1
    assert QuestionSetVersion.objects.count() == 2
