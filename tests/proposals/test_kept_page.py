"""The page of a text is kept under a key that names all it is made of: one statement asks whether it still holds."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.shortcuts import render
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from proposals import current, kept
from proposals.models import Proposal, UnitText
from proposals.services import import_page, save_translation, save_translations
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core import languages, pagecache
from taskforce.timeline.models import Phase, TaskForce, Verdict
from tests.clients import Client
from tests.conftest import Clock, utc
from tests.proposals.conftest import T
from tests.proposals.pages import long_body, page

AT = utc(2022, 2, 6, 9, 30)
ADDRESS = f"/en/tf/{T}/proposals/proposal/"


@pytest.fixture(autouse=True)
def pages_are_kept(settings: Settings, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, for one test."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": backend, "LOCATION": request.node.nodeid}}
    monkeypatch.setattr(pagecache._Breaker, "until", 0.0)


@pytest.fixture
def editor(text: Proposal) -> User:
    return create_account("translator@demo.example", at=AT, name="Translator Demo")


def unit_with(said: str) -> int:
    return UnitText.objects.get(text=said).unit_id


def asked(client: Client, address: str = ADDRESS) -> tuple[int, bytes]:
    """How many statements the page asked, but those that begin and end a transaction; and the page."""
    with CaptureQueriesContext(connection) as caught:
        response = client.get(address)
    assert response.status_code == 200
    around = ("BEGIN", "COMMIT", "SET", "SAVEPOINT", "RELEASE")
    return sum(not query["sql"].startswith(around) for query in caught), response.content


def fresh(client: Client, address: str = ADDRESS) -> bytes:
    """The page as it is drawn where nothing is kept."""
    caches["pages"].clear()
    content: bytes = client.get(address).content
    return content


def test_one_statement_where_it_is_kept_two_where_it_is_not(clock: Clock, client: Client) -> None:
    """For ten units in two languages and one revision, and for 150 in six and five."""
    found = {}
    for units in (10, 150):
        made = import_page(page(long_body(units)), task_force=f"t{units}", at=AT).proposal
        address = f"/en/tf/t{units}/proposals/proposal/"
        if units > 10:
            editor = create_account("translator@demo.example", at=AT, name="Translator Demo")
            for code in ("ar", "de", "fr", "ja"):
                texts = {unit: f"{code} {unit}" for unit in made.units.values_list("pk", flat=True)[:100]}
                save_translations(made.pk, code, texts, editor=editor, at=AT)
        cold, first = asked(client, address)
        warm, second = asked(client, address)
        assert first == second == fresh(client, address)
        found[units] = (cold, warm)
    assert found == {10: (2, 1), 150: (2, 1)}


def _translate(text: Proposal, editor: User) -> None:
    save_translation(unit_with("摘要"), "en", "Summary", editor=editor, at=AT)


def _change_the_source(text: Proposal, editor: User) -> None:
    save_translation(unit_with("Write a definition"), "en", "Write two definitions", editor=editor, at=AT)


def _another_language(text: Proposal, editor: User) -> None:
    save_translation(unit_with("摘要"), "ar", "ملخص", editor=editor, at=AT)


def _confirm(text: Proposal, editor: User) -> None:
    """As no act does: without a revision."""
    UnitText.objects.filter(text="Write a definition").update(text="Write", html="Write", version=2)


def _move_the_phases(text: Proposal, editor: User) -> None:
    text.sections.filter(kind="timeline").update(phases_after=1, kind="text")


def _rename(text: Proposal, editor: User) -> None:
    TaskForce.objects.filter(pk=text.task_force_id).update(name_en="Another name")


def _retitle_a_phase(text: Proposal, editor: User) -> None:
    Phase.objects.filter(task_force=text.task_force, slug="recruitment").update(title_en="Call for members")


def _decide(text: Proposal, editor: User) -> None:
    phase = Phase.objects.get(task_force=text.task_force, slug="feedback")
    Verdict.objects.create(
        phase=phase, number=1, text_id=text.pk, outcome="revise", reasons={"en": "x"}, actor_id=1, actor_name="A", at=AT
    )


@pytest.mark.parametrize(
    "change",
    [_translate, _change_the_source, _another_language, _confirm, _move_the_phases, _rename, _retitle_a_phase, _decide],
    ids=lambda one: str(one.__name__),
)
def test_what_has_changed_is_on_the_next_page(
    text: Proposal, client: Client, editor: User, change: Callable[[Proposal, User], None]
) -> None:
    """What the kept page shows is what a page shows that is drawn anew."""
    before = asked(client)[1]
    assert asked(client) == (1, before)
    change(text, editor)
    statements, after = asked(client)
    assert statements == 2
    assert after != before
    assert asked(client) == (1, after)
    assert fresh(client) == after


def test_a_text_that_is_no_longer_public_is_gone(text: Proposal, client: Client) -> None:
    """However often it was read before; what was withdrawn says so at once."""
    asked(client)
    Proposal.objects.filter(pk=text.pk).update(state="withdrawn", ended_at=AT, ended_reasons={"en": "Not now."})
    assert "Not now." in client.get(ADDRESS).content.decode()
    Proposal.objects.filter(pk=text.pk).update(state="draft", ended_at=None, ended_reasons={})
    assert client.get(ADDRESS).status_code == 404


@pytest.mark.long
def test_each_language_and_each_text_has_its_own(text: Proposal, client: Client) -> None:
    """Nobody gets another one's page."""
    import_page(page(title="另一組"), task_force="other", at=AT)
    addresses = [f"/{code}/tf/{slug}/proposals/proposal/" for code in languages.CODES for slug in (T, "other")]
    first = [asked(client, address) for address in addresses]
    assert len({content for _, content in first}) == len(addresses)
    assert [asked(client, address) for address in addresses] == [(1, content) for _, content in first]


def test_the_page_follows_the_moment(text: Proposal, client: Client, clock: Clock) -> None:
    """A phase begins, ends, has minutes left: another page each time, the same one in between."""
    opens_at = Phase.objects.get(task_force=text.task_force, slug="recruitment").opens_at
    moments = [-timedelta(days=2), -timedelta(minutes=30), -timedelta(minutes=20), timedelta(0), timedelta(minutes=1)]
    seen = []
    for apart in moments:
        clock.set(opens_at + apart)
        seen.append(asked(client))
        assert fresh(client) == seen[-1][1]
    # The last one is as the one before it, which was kept.
    assert [statements for statements, _ in seen] == [2, 2, 2, 2, 1]
    assert len({content for _, content in seen}) == 2


@pytest.mark.parametrize("is_naive", [False, True])
def test_a_text_that_changes_while_its_page_is_drawn(
    text: Proposal, client: Client, editor: User, monkeypatch: pytest.MonkeyPatch, is_naive: bool
) -> None:
    """What was drawn of the old text is kept under the old text's key. A page named after it was drawn is not right."""
    unit = unit_with("Write a definition")

    def change_meanwhile(*args: Any, **more: Any) -> Any:
        save_translation(unit, "en", "Write two definitions", editor=editor, at=AT)
        return render(*args, **more)

    def named_afterwards(name: str, page: pagecache.Kept) -> None:
        now = current.look(T, "proposal")
        assert now
        caches["pages"].set(pagecache.key(ADDRESS, now.key()), pagecache.written(page))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("proposals.views.render", change_meanwhile)
        if is_naive:
            meanwhile.setattr(pagecache, "put", named_afterwards)
        assert "Write a definition" in client.get(ADDRESS).content.decode()
    assert ("Write two definitions" in client.get(ADDRESS).content.decode()) is not is_naive


def test_the_same_bytes_and_headers_for_everybody(text: Proposal, client: Client, editor: User, clock: Clock) -> None:
    """Kept or not: no cookie, one tag, never longer than to the next boundary, 304 for who has it."""
    opens_at = Phase.objects.get(task_force=text.task_force, slug="recruitment").opens_at
    clock.set(opens_at - timedelta(seconds=50))
    first = client.get(ADDRESS)
    client.force_login(editor)
    second = client.get(ADDRESS)
    assert second.content == first.content
    for response in (first, second):
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert response.headers["ETag"] == pagecache.etag(first.content)
        kept_for = int(response.headers["Cache-Control"].removeprefix("public, max-age="))
        assert 30 <= kept_for <= 50
    again = client.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_asked_besides_is_not_kept(text: Proposal, client: Client) -> None:
    """It stands in the links to other languages, and anybody may make up as much of it as they like."""
    assert b"/ar/tf/sample/proposals/proposal/?x=1" in asked(client, f"{ADDRESS}?x=1")[1]
    assert b"x=1" not in asked(client)[1]
    assert len(caches["pages"]._cache) == 1  # type: ignore[attr-defined]  # the one of this process


def test_the_demonstration_keeps_nothing(text: Proposal, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bar shows the minute, and its clock jumps."""
    monkeypatch.setattr(kept, "settings", SimpleNamespace(DEMO=True))
    assert [asked(client)[0] for _ in range(2)] == [1, 1]
    assert not caches["pages"]._cache  # type: ignore[attr-defined]  # the one of this process


def test_an_update_of_the_portal_draws_anew(text: Proposal, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other code, templates or catalogues: other pages, whatever Redis still has."""
    asked(client)
    assert asked(client)[0] == 1
    monkeypatch.setattr(pagecache, "build", lambda: "another")
    assert asked(client)[0] == 2


def test_a_text_in_a_language_of_nobody(text: Proposal, client: Client) -> None:
    """Neither in the reader's chain nor the source: it is shown all the same."""
    unit = unit_with("Write a definition")
    UnitText.objects.filter(unit=unit).update(language="ja", source_version=1)
    assert b'lang="ja" dir="ltr">Write a definition' in client.get(ADDRESS).content
