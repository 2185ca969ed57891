"""Whoever may review a translation finds those that wait: on the staff side, in lists, on account and work pages."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals import queries, reviewing
from proposals.enums import ProposalState
from proposals.models import Proposal, UnitText
from proposals.services import Typed, Wanted, review, save_translation, set_goal, translate
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.timeline.enums import TaskForceState
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import utc
from tests.proposals.conftest import T

AT = utc(2022, 2, 6, 9, 30)
WORK = f"/de/tf/{T}/proposals/proposal/translate/"


def _person(name: str, role: Role, code: str = "") -> User:
    user = create_account(f"{name}@demo.example", at=AT, name=name, language="en", password="demo")
    grant_role(user, role, at=AT, actor_id=None, language=code)
    return user


@pytest.fixture
def leader(text: Proposal) -> User:
    found = _person("leader", Role.COORDINATOR)
    set_goal(text.pk, Wanted("de", 90, "Many read it", wants_review=True), actor=found, at=AT)
    return found


@pytest.fixture
def author(text: Proposal, leader: User) -> User:
    """Who has translated two paragraphs into German and one into French, for which nobody asks a review."""
    found = _person("author", Role.TRANSLATOR, "de")
    grant_role(found, Role.TRANSLATOR, at=AT, actor_id=None, language="fr")
    for unit in queries.live_units(text)[:2]:
        translate(text.pk, "de", Typed(unit.pk, "Etwas", 0, 1), editor=found, at=AT)
    translate(text.pk, "fr", Typed(queries.live_units(text)[0].pk, "Quoi", 0, 1), editor=found, at=AT)
    return found


def _counts(user: User) -> list[tuple[str, int]]:
    fresh = User.objects.get(pk=user.pk)
    return [(one.language, one.total) for one in reviewing.waiting(fresh, "en")]


def test_what_waits_for_whom(text: Proposal, leader: User, author: User) -> None:
    """Not for its writer, nor for those of another language; not what is approved, outdated or of what has ended."""
    assert _counts(leader) == [("de", 2)]
    assert _counts(author) == []
    assert _counts(_person("fr", Role.TRANSLATOR, "fr")) == []
    assert _counts(_person("observer", Role.OBSERVER)) == []
    other = _person("other", Role.TRANSLATOR, "de")
    assert _counts(other) == [("de", 2)]
    first, second = queries.live_units(text)[:2]
    review(text.pk, "de", first.pk, 1, reviewer=other, at=AT)
    assert _counts(leader) == [("de", 1)]
    TaskForce.objects.update(state=TaskForceState.ENDED, ended_at=AT)
    assert _counts(leader) == []
    TaskForce.objects.update(state=TaskForceState.ACTIVE, ended_at=None)
    save_translation(second.pk, second.source_language, "It says something else", editor=leader, at=AT)
    assert _counts(leader) == []
    UnitText.objects.filter(unit=first, language="de").update(reviewed_version=None, reviewer_id=None)
    assert _counts(leader) == [("de", 1)]
    UnitText.objects.filter(unit=first, language="de").update(confirmer_id=leader.pk)
    assert (_counts(leader), _counts(other)) == ([], [("de", 1)])
    Proposal.objects.update(state=ProposalState.WITHDRAWN, ended_at=AT, ended_reasons={"en": "No."})
    assert _counts(other) == []


def test_the_overview_says_so(text: Proposal, leader: User, author: User, client: Client) -> None:
    """How many, with the way there; in as many queries however much waits."""
    client.force_login(leader)
    page = client.get("/en/admin/").content.decode()
    assert "2 translations wait for a review." in page
    assert f'href="{WORK}?show=waiting"' in page
    sizes = []
    for unit in (None, *queries.live_units(text)[2:4]):
        if unit:
            translate(text.pk, "de", Typed(unit.pk, "Etwas", 0, 1), editor=author, at=AT)
        fresh = User.objects.get(pk=leader.pk)
        with CaptureQueriesContext(connection) as found:
            reviewing.waiting(fresh, "en")
        sizes.append(len(found))
    assert sizes == [4, 4, 4]


def test_lists_lead_to_the_work(text: Proposal, leader: User, client: Client) -> None:
    """The languages wanted and the texts; an ended text is translated no more."""
    client.force_login(leader)
    lists = ("/en/admin/proposals/translationgoal/", f"/en/tf/{T}/proposals/")
    for address in lists:
        assert f'href="{WORK}"' in client.get(address).content.decode()
    Proposal.objects.update(state=ProposalState.WITHDRAWN, ended_at=AT, ended_reasons={"en": "No."})
    for address in lists:
        assert WORK not in client.get(address).content.decode()


def test_the_account_page_leads_a_coordinator_there(text: Proposal, leader: User, client: Client) -> None:
    """Into the language of the page, and to the staff side too."""
    client.force_login(leader)
    part = client.get("/de/accounts/email/").content.decode().partition('id="roles"')[2].partition("</section>")[0]
    assert re.findall(r'href="(.*?)"', part) == [WORK, "/de/admin/"]


def test_nothing_to_translate_is_not_nothing_to_do(text: Proposal, leader: User, author: User, client: Client) -> None:
    """The empty list of what is to do says what waits, and for whom."""
    for unit in queries.live_units(text)[2:]:
        translate(text.pk, "de", Typed(unit.pk, "Etwas", 0, 1), editor=author, at=AT)
    count = reviewing.waiting(User.objects.get(pk=leader.pk), "en")[0].total
    client.force_login(_person("other", Role.TRANSLATOR, "de"))
    page = client.get(WORK, headers={"accept-language": "de"}).content.decode()
    assert 'href="?show=waiting"' in page.partition("pt-empty")[2]
    assert str(count) in page.partition("pt-empty")[2]
    client.force_login(author)
    page = client.get(WORK).content.decode().partition("pt-empty")[2]
    assert "?show=waiting" not in page
    assert str(count) in page.partition("pt-empty__text")[2].partition("</p>")[0]


def test_the_texts_page_is_for_others(text: Proposal, client: Client) -> None:
    """Not "now": whoever has no such role hears that it is not theirs, and what they may read."""
    client.force_login(_person("reader", Role.OBSERVER))
    response = client.get(f"/en/tf/{T}/proposals/")
    page = response.content.decode()
    assert response.status_code == 403
    assert "<h1>This is for others</h1>" in page
    assert "Not possible now" not in page
    assert f'href="/en/tf/{T}/proposals/proposal/"' in page.partition('class="pt-links"')[2]
    assert f'href="/en/tf/{T}/"' in page.partition('class="pt-links"')[2]
