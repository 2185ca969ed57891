"""The page of a text, with all that other rooms put on it: what it asks does not grow with what people send."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from feedback.models import FeedbackItem, FeedbackWindow
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from taskforce.core import pagecache
from tests.clients import Client
from tests.conftest import MOMENT, Clock
from tests.rows import Rows


@pytest.fixture
def everything(clock: Clock, pieces: dict[str, Rows]) -> None:
    """A text with an open window, and a call."""
    for name in ("model case", "text", "window's questions", "window", "call's questions", "call"):
        pieces[name].write()


def _send(numbers: range) -> None:
    """An item and an application for each of these numbers."""
    window, call = FeedbackWindow.objects.get(slug="responsibilities"), Call.objects.get()
    FeedbackItem.objects.bulk_create(
        FeedbackItem(
            window=window,
            reference=f"F-{number}",
            form_key=f"key {number}",
            token_hash=f"hash {number}",
            language="en",
            visibility="public",
            state="published",
            received_at=MOMENT,
        )
        for number in numbers
    )
    people = User.objects.bulk_create(User(email=f"p{number}@example.org") for number in numbers)
    Application.objects.bulk_create(
        Application(
            call=call,
            applicant=person,
            number=1000 + number,
            reference=f"A-{1000 + number}",
            language="en",
            created_at=MOMENT,
            saved_at=MOMENT,
        )
        for number, person in zip(numbers, people, strict=True)
    )


@pytest.mark.long
def test_what_people_send_costs_the_page_nothing(
    everything: None,
    client: Client,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two statements where it is drawn and one where it is kept, with none, with one and with hundreds. The first item
    adds the link to what was said; from then on it is the same page."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": backend, "LOCATION": "test_text_page"}}
    monkeypatch.setattr(pagecache._Breaker, "until", 0.0)
    window = FeedbackWindow.objects.select_related("phase__task_force", "proposal").get()
    address = f"/en/tf/{window.phase.task_force.slug}/proposals/{window.proposal.slug}/"
    seen = []
    for numbers in (range(0), range(1), range(1, 300)):
        _send(numbers)
        caches["pages"].clear()
        for _ in range(2):
            with CaptureQueriesContext(connection) as caught:
                response = client.get(address)
            seen.append((len(caught), response.status_code, response.content))
    assert [(statements, status) for statements, status, _ in seen] == [(2, 200), (1, 200)] * 3
    without, _, first, _, *many = [content for _, _, content in seen]
    assert {first} == {*many} != {without}
    assert b"pt-next-step" in without
    assert b"/items/" not in without
    assert b"/items/" in first
