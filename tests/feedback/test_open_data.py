"""What was said as data: what the pages show and nothing else, nothing by which a nameless text is somebody's."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deploy.places import ROOT
from feedback import opendata, services, whole
from feedback.models import Disposition, FeedbackItem, FeedbackWindow, Release, Theme, ThemedItem
from taskforce.accounts.models import User
from taskforce.questions.forms import Answer
from taskforce.questions.models import QuestionSet
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import OPENS
from tests.feedback.test_items import copies, say

DATA = "/open-data/leadership-development/feedback."


def as_json() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Client().get(f"{DATA}json").json()
    return found


def as_csv() -> list[dict[str, str]]:
    raw = Client().get(f"{DATA}csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(raw, newline="")))


def test_what_everybody_may_read_and_nothing_else(window: FeedbackWindow, people: dict[str, User]) -> None:
    first, second = window.questions.questions.order_by("position")
    answers = [Answer(first.pk, "=1+1"), Answer(second.pk, choices=("yes",))]
    named = say(window, name="Amani", answers=answers, language="zh-hant", read_language="ar")
    nameless = say(window, "Two.", visibility="nameless", name="Amani")
    hidden, withdrawn = say(window, "Three."), say(window, "Four.")
    services.moderate(hidden.pk, "hide", rule="attack", reason="Why.", actor=people["moderator"], at=OPENS)
    services.withdraw(withdrawn.pk, at=OPENS)
    say(window, "Five.", visibility="staff")
    say(window, "Six.", suspected=True)
    rows = {row["reference"]: row for row in as_json()}
    assert set(rows) == {named.reference, nameless.reference}
    row = rows[named.reference]
    assert (row["name"], row["language"], row["read_language"], row["revision"]) == ("Amani", "zh-Hant", "ar", 1)
    assert (row["received_on"], row["received_at"]) == ("2022-02-15", "2022-02-15T12:00:00Z")
    version = {"question_set": window.questions.question_set.slug, "version": window.questions.number}
    assert row["answers"] == [
        {"question": first.pk, **version, "kind": "long-text", "label": "What should the task force do?",
         "text": "=1+1", "choices": [], "choice_labels": []},
        {"question": second.pk, **version, "kind": "one-choice", "label": "Do you agree with the proposal?",
         "text": None, "choices": ["yes"], "choice_labels": ["Yes"]},
    ]  # fmt: skip
    lines = [line for line in as_csv() if line["reference"] == named.reference]
    assert [(line["text"], line["choices"], line["choice_labels"]) for line in lines] == [
        ("'=1+1", "", ""),
        ("", "yes", "Yes"),
    ]


def test_nothing_of_it_says_whose_a_nameless_text_is(window: FeedbackWindow, clock: Clock) -> None:
    """No name, no instant, no number by which the database counts, no order in which things came."""
    made = []
    for minute in range(8):
        clock.set(OPENS + timedelta(hours=1, minutes=7 * minute))
        made.append(say(window, f"Text {minute}.", visibility="nameless" if minute % 2 else "public", name="Amani"))
    rows = as_json()
    assert [row["reference"] for row in rows] == sorted(item.reference for item in made)
    ids = {str(item.pk) for item in made}
    for item, row in ((item, row) for item in made[1::2] for row in rows if row["reference"] == item.reference):
        assert (row["name"], row["received_at"], row["received_on"]) == (None, None, "2022-02-01")
        assert not re.search(r"\d\d:\d\d", json.dumps(row))
        assert f"{item.received_at:%H:%M}" not in json.dumps(row)
    assert not ids & set(re.findall(r"\d+", json.dumps([{**row, "answers": []} for row in rows])))


def test_it_is_the_same_for_everybody(window: FeedbackWindow, people: dict[str, User]) -> None:
    say(window, "Words.")
    client = Client()
    for form in ("json", "csv"):
        before = client.get(DATA + form)
        client.force_login(people["coordinator"])
        assert client.get(DATA + form).content == before.content
        client.logout()
        assert not before.cookies
        assert before.headers["Cache-Control"].startswith("public, max-age=")
        assert client.get(DATA + form, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    FeedbackWindow.objects.update(published_at=None)
    assert as_json() == []
    assert client.get("/open-data/nobody/feedback.json").status_code == 404


@pytest.fixture
def kept(settings: LazySettings) -> Iterator[None]:
    """What was made is kept for the next reader."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": backend, "LOCATION": "open data"}}
    yield
    caches["pages"].clear()


def answered(item: FeedbackItem) -> None:
    """With its theme, for everybody to read."""
    release = Release.objects.create(window=item.window, number=1, at=OPENS)
    theme = Theme.objects.create(window=item.window, title_en="Trust", position=1)
    ThemedItem.objects.create(item=item, theme=theme)
    Disposition.objects.create(theme=theme, outcome="noted", answers={"en": "Thank you."}, release=release, stands=True)


def corrected(table: str, pk: int) -> None:
    """A label that says another word, as the act that puts old words right has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.corrected_label', %s, true)", [f"{table} {pk}"])
        cursor.execute(f"UPDATE {table} SET label_en = 'Put right' WHERE id = %s", [pk])  # noqa: S608 - a table's name


@pytest.mark.usefixtures("kept")
def test_it_is_made_once_and_anew_with_every_change(window: FeedbackWindow, people: dict[str, User]) -> None:
    """Whatever changes of what it is made of; a reader who has it already costs one look."""
    first, second = window.questions.questions.order_by("position")
    item = say(window, answers=[Answer(first.pk, "One."), Answer(second.pk, choices=("yes",))], name="Amani")
    other, client = say(window, "Two."), Client()
    seen = set()
    for change in (
        lambda: None,
        lambda: FeedbackItem.objects.filter(pk=item.pk).update(name="Zuri"),
        lambda: item.answers.filter(question=first).update(text="Other."),
        lambda: corrected("questions_question", first.pk),
        lambda: corrected("questions_choice", second.choices.order_by("pk")[0].pk),
        lambda: QuestionSet.objects.update(slug="asked-elsewhere"),
        lambda: services.moderate(other.pk, "hide", rule="attack", reason="Why.", actor=people["moderator"], at=OPENS),
        lambda: say(window, "Three."),
        lambda: answered(item),
        lambda: Theme.objects.update(title_en="Confidence"),
        lambda: FeedbackWindow.objects.update(slug="elsewhere"),
        lambda: services.withdraw(item.pk, at=OPENS),
        lambda: FeedbackWindow.objects.update(published_at=None),
    ):
        change()
        for form in ("json", "csv"):
            with CaptureQueriesContext(connection) as made:
                fresh = client.get(DATA + form)
            with CaptureQueriesContext(connection) as again:
                assert client.get(DATA + form).content == fresh.content
            tag = {"If-None-Match": fresh.headers["ETag"]}
            with CaptureQueriesContext(connection) as known:
                assert client.get(DATA + form, headers=tag).status_code == 304
            assert fresh.content not in seen
            seen.add(fresh.content)
            assert len(again) < len(made)
            assert len(known) == len(again)


def test_what_became_of_a_text_is_in_it_once_it_is_public(window: FeedbackWindow) -> None:
    """Of the text itself or of its theme; nothing of what is drafted."""
    own, shared, drafted = say(window, "One."), say(window, "Two."), say(window, "Three.")
    theme = Theme.objects.create(window=window, title_en="Trust", position=1)
    ThemedItem.objects.create(item=shared, theme=theme)
    release = Release.objects.create(window=window, number=1, at=OPENS)
    public = {"release": release, "stands": True}
    Disposition.objects.create(item=own, outcome="adopted", revision=own.revision, answers={"zh-hant": "=好"}, **public)
    Disposition.objects.create(theme=theme, outcome="noted", answers={"en": "Thank you."}, **public)
    Disposition.objects.create(item=drafted, outcome="declined", answers={"en": "No."})
    names = ("outcome", "theme", "adopted_in", "answer", "answered_on")
    rows = {row["reference"]: tuple(row[name] for name in names) for row in as_json()}
    assert rows == {
        own.reference: ("adopted", None, 1, {"zh-Hant": "=好"}, "2022-02-01"),
        shared.reference: ("noted", "Trust", None, {"en": "Thank you."}, "2022-02-01"),
        drafted.reference: (None, None, None, None, None),
    }
    assert {row["reference"]: row["outcome"] for row in as_csv()} == {
        own.reference: "adopted", shared.reference: "noted", drafted.reference: "",
    }  # fmt: skip


# Revisions never change; of the task force nothing stands in it.
_UNCHANGED = {"proposals_revision", "timeline_taskforce"}


def test_no_table_is_read_whose_changes_nobody_sees(window: FeedbackWindow) -> None:
    """What it is made of is named in `feedback.whole`: else a reader gets what was made before the change."""
    first, second = window.questions.questions.order_by("position")
    say(window, answers=[Answer(first.pk, "One."), Answer(second.pk, choices=("yes",))], name="Amani")
    with CaptureQueriesContext(connection) as made:
        list(opendata.as_json(window.phase.task_force))
    tables = set(re.findall(r'(?:FROM|JOIN) "(\w+)"', " ".join(one["sql"] for one in made.captured_queries)))
    assert "feedback_feedbackanswer" in tables
    assert tables - set(whole._MADE_OF) - _UNCHANGED == set()


def test_what_changes_while_it_is_made_is_kept_for_nobody(
    window: FeedbackWindow, kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(window, "One.")
    make = opendata.as_json

    def slowly(task_force: Any) -> Iterator[bytes]:
        yield from make(task_force)
        say(window, "Two.")

    monkeypatch.setattr(opendata, "as_json", slowly)
    first = Client().get(f"{DATA}json")
    monkeypatch.setattr(opendata, "as_json", make)
    second = Client().get(f"{DATA}json")
    assert (len(first.json()), len(second.json())) == (1, 2)
    assert first.headers["ETag"] != second.headers["ETag"]


def test_more_of_it_costs_no_more_statements(window: FeedbackWindow) -> None:
    counted = []
    for number in (3, 40):
        copies(window, number)
        with CaptureQueriesContext(connection) as asked:
            as_json()
        counted.append(len(asked))
    assert counted[0] == counted[1]
    assert len(as_csv()) == 43 == FeedbackItem.objects.count()


def test_the_names_are_the_ones_that_are_told(window: FeedbackWindow) -> None:
    say(window, "Words.")
    told = " ".join((ROOT / "docs" / "addresses.md").read_text("utf-8").split()).partition("## `feedback.json`")[2]
    (row,) = as_json()
    assert set(re.findall(r"`(\w+)`", told.partition(". `window` and")[0])) == set(row)
    answer = told.partition("An answer has")[2].partition(":")[0]
    assert set(re.findall(r"`(\w+)`", answer)) == set(row["answers"][0])


def test_the_command_writes_the_same(window: FeedbackWindow, tmp_path: Path) -> None:
    say(window, "Words.")
    folder = tmp_path / "out"
    call_command("export_open_data", "leadership-development", str(folder), verbosity=0)
    for name in (
        f"{what}.{form}" for what in ("feedback", "hidden", "phases", "summaries") for form in ("json", "csv")
    ):
        asked = Client().get(f"/open-data/leadership-development/{name}")
        assert (folder / name).read_bytes() == asked.content
    with pytest.raises(CommandError, match="no task force"):
        call_command("export_open_data", "nobody", str(folder))
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_open_data", "leadership-development", str(tmp_path / "file"))
