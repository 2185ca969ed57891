"""Languages in which a text is wanted, and the second person who reviews."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals import queries
from proposals.models import Proposal, TranslationGoal, UnitText
from proposals.services import (
    Typed,
    Wanted,
    drop_goal,
    import_page,
    review,
    save_translation,
    set_goal,
    translate,
)
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from tests.clients import Client
from tests.conftest import utc
from tests.proposals.conftest import T
from tests.proposals.pages import page

AT = utc(2022, 2, 6, 9, 30)
ITEM = "Write a definition"
LIST = "/en/admin/proposals/translationgoal/"


def _person(name: str, role: Role, code: str = "") -> User:
    user = create_account(f"{name}@demo.example", at=AT, name=name, language="en", password="demo")
    grant_role(user, role, at=AT, actor_id=None, language=code)
    return user


@pytest.fixture
def leader(text: Proposal) -> User:
    return _person("leader", Role.COORDINATOR)


def _unit() -> int:
    return UnitText.objects.get(text=ITEM).unit_id


def _address(tail: str = "") -> str:
    return f"/de/tf/{T}/proposals/proposal/translate/{tail}"


def test_reviewed_by_somebody_else(text: Proposal, leader: User) -> None:
    """Never by whoever wrote it; a change waits anew; twice is once; the log knows."""
    set_goal(text.pk, Wanted("de", 90, "Many read it", wants_review=True), actor=leader, at=AT)
    author, other = _person("author", Role.TRANSLATOR, "de"), _person("other", Role.TRANSLATOR, "de")
    unit = _unit()
    translate(text.pk, "de", Typed(unit, "Definieren", 0, 1), editor=author, at=AT)
    with pytest.raises(Refused, match="somebody else"):
        review(text.pk, "de", unit, 1, reviewer=author, at=AT)
    with pytest.raises(Refused):
        review(text.pk, "de", unit, 1, reviewer=_person("stranger", Role.TRANSLATOR, "fr"), at=AT)
    with pytest.raises(Conflict, match="meanwhile"):
        review(text.pk, "de", unit, 2, reviewer=other, at=AT)
    for _again in range(2):
        assert review(text.pk, "de", unit, 1, reviewer=other, at=AT).reviewed_version == 1
    assert Entry.objects.filter(action="proposal.reviewed", actor_id=other.pk).count() == 1
    translate(text.pk, "de", Typed(unit, "Eine Definition", 1, 1), editor=other, at=AT)
    with pytest.raises(Refused):
        review(text.pk, "de", unit, 2, reviewer=other, at=AT)
    review(text.pk, "de", unit, 2, reviewer=author, at=AT)
    save_translation(unit, "en", "Write a good definition", editor=leader, at=AT)
    with pytest.raises(Conflict):
        review(text.pk, "de", unit, 2, reviewer=author, at=AT)


def test_only_where_it_is_asked_for(text: Proposal, leader: User) -> None:
    """Nobody reviews a language without a goal that says so."""
    translate(text.pk, "de", Typed(_unit(), "Definieren", 0, 1), editor=_person("a", Role.TRANSLATOR, "de"), at=AT)
    with pytest.raises(Invalid, match="Nobody has asked"):
        review(text.pk, "de", _unit(), 1, reviewer=leader, at=AT)


def test_on_the_work_page(text: Proposal, leader: User, client: Client) -> None:
    """The list of what waits, a button for the second person, the share that is reviewed, what is wanted and why."""
    set_goal(text.pk, Wanted("de", 90, "Viele lesen es", wants_review=True), actor=leader, at=AT)
    author, other = _person("author", Role.TRANSLATOR, "de"), _person("other", Role.TRANSLATOR, "de")
    unit = _unit()
    translate(text.pk, "de", Typed(unit, "Definieren", 0, 1), editor=author, at=AT)
    for user, may in ((author, False), (other, True)):
        client.force_login(user)
        made = client.get(_address("?show=waiting")).content.decode()
        assert re.findall(r'data-unit="(\d+)"', made) == [str(unit)]
        assert ('value="review"' in made) is may
        assert "Viele lesen es" in made
    response = client.post(_address(f"{unit}/"), {"action": "review", "version": 1, "language": "de"})
    assert response.status_code == 303
    assert UnitText.objects.get(unit=unit, language="de").reviewer_id == other.pk
    assert re.findall(r'data-unit="(\d+)"', client.get(_address("?show=waiting")).content.decode()) == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("xx", 50, "r"), "not a language"),
        (Wanted("de", 0, "r"), "from 1 to 100"),
        (Wanted("de", 101, "r"), "from 1 to 100"),
        (Wanted("de", 50, " \u200b"), "Say why"),
        (Wanted("de", 50, "x" * 2001), "too long"),
    ],
)
def test_what_is_no_goal(text: Proposal, leader: User, wanted: Wanted, said: str) -> None:
    """Refused, and nothing is written."""
    with pytest.raises(Invalid, match=said):
        set_goal(text.pk, wanted, actor=leader, at=AT)
    assert not TranslationGoal.objects.exists()


def test_who_may_set_goals(text: Proposal, leader: User) -> None:
    """Those who coordinate; not translators."""
    with pytest.raises(Refused):
        set_goal(text.pk, Wanted("de", 50, "r"), actor=_person("t", Role.TRANSLATOR, "de"), at=AT)
    set_goal(text.pk, Wanted("de", 50, "r"), actor=leader, at=AT)
    with pytest.raises(Refused):
        drop_goal(text.pk, "de", actor=_person("o", Role.OBSERVER), at=AT)
    drop_goal(text.pk, "de", actor=leader, at=AT)
    assert not TranslationGoal.objects.exists()
    assert set(Entry.objects.values_list("action", flat=True)) >= {"proposal.goal-set", "proposal.goal-dropped"}


def test_on_the_staff_side(text: Proposal, leader: User, client: Client) -> None:
    """Set, changed and taken back by a form; the share that is reached stands in the list."""
    client.force_login(leader)
    sent = {"text": text.pk, "language": "de", "percent": 80, "reason": "Many read it", "refuses": "on"}
    assert client.post(f"{LIST}add/", sent | {"percent": 0}).status_code == 200
    assert not TranslationGoal.objects.exists()
    assert client.post(f"{LIST}add/", sent).status_code == 302
    goal = TranslationGoal.objects.get()
    assert (goal.percent, goal.refuses, goal.wants_review) == (80, True, False)
    made = client.get(LIST).content.decode()
    assert "80%" in made
    assert "0%" in made
    page = f"{LIST}{goal.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"percent": 60, "reason": "Fewer"}).status_code == 302
    assert TranslationGoal.objects.get().percent == 60
    assert client.post(page, {"drop": "1"}).status_code == 302
    assert not TranslationGoal.objects.exists()


@pytest.mark.long
def test_the_list_costs_the_same_at_any_size(text: Proposal, leader: User, client: Client) -> None:
    """With one goal and with many of several texts, each with its own share; the empty one says what goals are."""
    client.force_login(leader)
    unit = _unit()
    empty = client.get(LIST).content.decode()
    assert "No text is wanted in any language yet" in empty
    assert f'href="{LIST}add/"' in empty
    assert "0 rows" not in empty
    counts = []
    for more in (0, 2):
        texts = [text, *(import_page(page(), task_force=f"more-{number}", at=AT).proposal for number in range(more))]
        for each in texts:
            for code in ("de", "fr", "ja", "en") if more else ("de",):
                set_goal(each.pk, Wanted(code, 100, "Many read it"), actor=leader, at=AT)
        client.get(LIST)
        with CaptureQueriesContext(connection) as found:
            made = client.get(LIST).content.decode()
        counts.append(len(found))
    assert TranslationGoal.objects.count() == 12
    assert counts[0] == counts[1]
    save_translation(unit, "de", "Definieren", editor=leader, at=AT)
    made = client.get(LIST).content.decode()
    for share in (10, queries.percent(text)["en"]):
        assert f"{share}%" in made
