"""What an item says of what its author had before them: the revision, the language, how the text stood in it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import reading
from feedback.models import FeedbackItem, FeedbackWindow
from proposals.models import Proposal, Revision, RevisionContent, Unit
from taskforce.accounts.models import User
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, fresh

ENTRY = {"section": None, "section_kind": None, "kind": "paragraph", "depth": 0, "ordered": False, "number": None}


def keep(text: Proposal, number: int, language: str, *said: tuple[int, str, int | None, int | None]) -> Revision:
    """A revision that holds these units in a language: (unit, text, version, version of its source)."""
    at = OPENS + timedelta(days=2 * (number - 2))
    act, _made = Revision.objects.get_or_create(
        proposal=text, number=number, defaults={"language": "en", "editor_name": "E", "at": at}
    )
    units = [
        {**ENTRY, "id": unit, "source_language": "en", "text": words, "version": version, "source_version": source}
        for unit, words, version, source in said
    ]
    RevisionContent.objects.create(revision=act, language=language, units=units, sha256="")
    return act


@pytest.fixture
def units(text: Proposal) -> list[int]:
    """Two paragraphs of the text."""
    made = [
        Unit.objects.create(proposal=text, position=position, kind="paragraph", source_language="en")
        for position in (80, 81)
    ]
    return [unit.pk for unit in made]


@pytest.fixture
def acts(text: Proposal, units: list[int]) -> list[Revision]:
    """The text in English; one paragraph in Arabic, both in French; then the first one changed."""
    one, two = units
    first = keep(text, 2, "en", (one, "One", 1, None), (two, "Two", 1, None))
    keep(text, 2, "ar", (one, "واحد", 1, 1), (two, "", None, None))
    keep(text, 2, "fr", (one, "Un", 1, 1), (two, "Deux", 1, 1))
    second = keep(text, 3, "en", (one, "One!", 2, None), (two, "Two", 1, None))
    return [first, second]


def test_how_it_stood_after_each_revision(acts: list[Revision], units: list[int]) -> None:
    """The whole is as good as the worst of it; a revision stays what it was once there is a later one."""
    first, second = (act.pk for act in acts)
    one, two = units
    for revision, language, unit, found in (
        (first, "en", None, ("original", 100)),
        (first, "fr", None, ("current", 100)),
        (first, "ar", None, ("missing", 50)),
        (first, "ar", one, ("current", None)),
        (first, "ar", two, ("missing", None)),
        (first, "de", None, ("missing", 0)),
        (second, "fr", None, ("outdated", 50)),
        (second, "fr", one, ("outdated", None)),
        (second, "fr", two, ("current", None)),
        (second, "en", one, ("original", None)),
        (second, "fr", 1, ("", None)),
        (second, "", None, ("", None)),
        (None, "fr", None, ("", None)),
    ):
        assert reading.read(revision, language, unit) == found, (revision, language, unit)


def test_a_process_asks_once(acts: list[Revision]) -> None:
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            reading.read(acts[0].pk, "hi", None)
    assert len(asked) == 1


def test_a_text_without_contents_is_not_known(text: Proposal) -> None:
    assert reading.read(Revision.objects.get().pk, "en", None) == ("", None)


def test_what_is_sent_keeps_what_was_read(
    window: FeedbackWindow,
    acts: list[Revision],
    units: list[int],
    visitor: Client,
    people: dict[str, User],
    clock: Clock,
) -> None:
    """That of the moment when the form was shown, in the language of the page, whatever language is written in. On the
    item's page, and for staff, who list what was said on an outdated translation."""
    clock.set(OPENS + timedelta(days=1))
    before = fresh(visitor, address("fr"), language="es")
    clock.set(OPENS + timedelta(days=3))
    after = fresh(visitor, f"{address('fr')}?unit={units[0]}", language="es")
    for fields in (before, after):
        assert visitor.post(address("fr"), fields).status_code == 303
    second, first = FeedbackItem.objects.all()
    assert (first.read_language, first.read_state, first.read_percent) == ("fr", "current", 100)
    assert (second.read_language, second.read_state, second.read_percent) == ("fr", "outdated", None)
    said = "a translation that was up to date (100% translated)"
    assert said in visitor.get(f"{address()}items/{first.reference}/").content.decode()
    staff = Client()
    staff.force_login(people["moderator"])
    found = staff.get("/en/admin/feedback/feedbackitem/?read_state__exact=outdated").content.decode()
    assert second.reference in found
    assert first.reference not in found
    assert (
        "an outdated translation" in staff.get(f"/en/admin/feedback/feedbackitem/{second.pk}/change/").content.decode()
    )


def test_it_costs_a_post_nothing(window: FeedbackWindow, acts: list[Revision], visitor: Client) -> None:
    """But the first one after a revision, and that one before the gate."""
    counted = []
    for _ in range(2):
        fields = fresh(visitor)
        with CaptureQueriesContext(connection) as asked:
            assert visitor.post(address(), fields).status_code == 303
        counted.append([number for number, one in enumerate(asked) if "revisioncontent" in one["sql"]])
        gate = next(number for number, one in enumerate(asked) if "pg_advisory" in one["sql"])
    first, second = counted
    assert len(first) == 1
    assert first[0] < gate
    assert second == []
