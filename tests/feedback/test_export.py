"""What staff take out of a window: who may, what is written down, what stands in it, and that no cell is computed."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import export, services
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.services import exports
from feedback.services.answering import Wanted
from proposals.models import Revision
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.audit.models import Entry
from taskforce.core.errors import Refused
from taskforce.questions.forms import Answer
from tests.clients import Client, note_sign_in
from tests.conftest import Clock
from tests.feedback.conftest import OPENS
from tests.feedback.test_answering import draft, release
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_answering import second as second
from tests.feedback.test_items import copies, say
from tests.feedback.test_replies import reply as replied


def path(window: FeedbackWindow) -> str:
    return f"/en/admin/feedback/feedbackwindow/{window.pk}/export/"


def taken(window: FeedbackWindow, user: User, **changes: Any) -> Any:
    """The answer to the form, filled in."""
    client = Client()
    client.force_login(user)
    return client.post(path(window), {"form": "csv", "named": "on", "reason": "For the summary.", **changes})


def table(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def test_who_may_and_who_may_not(window: FeedbackWindow, people: dict[str, User]) -> None:
    """Whoever leads the task force; who only reads is told why, others find nothing."""
    say(window, "Words.")
    for role, status in (
        ("coordinator", 200), ("deputy", 200), ("admin", 200), ("moderator", 403), ("observer", 403),
        ("translator", 302), ("reviewer1", 404), ("privacy", 404),
    ):  # fmt: skip
        response = taken(window, people[role])
        assert response.status_code == status, role
        assert (response.get("Content-Type") == "text/csv; charset=utf-8") is (status == 200)
    assert Entry.objects.filter(action="feedback.exported").count() == 3
    assert taken(window, people["member"]).status_code == 302


def test_it_is_written_down_before_it_is_made(window: FeedbackWindow, people: dict[str, User]) -> None:
    """Who, why, how many, in which form, with names or without; never the words."""
    say(window, "Words.", name="Amani")
    say(window, "More.", visibility="staff")
    for changes, named, form in (({}, True, "csv"), ({"named": "", "form": "json"}, False, "json")):
        taken(window, people["coordinator"], reason="  For the\x00 summary. ".replace("\x00", ""), **changes)
        entry = Entry.objects.filter(action="feedback.exported").latest("pk")
        assert entry.is_read
        assert (entry.actor_id, entry.reason) == (people["coordinator"].pk, "For the summary.")
        assert (entry.target_id, entry.task_force_id) == (window.pk, window.phase.task_force_id)
        columns = export.columns(named=named)
        assert entry.details == {"count": 2, "named": named, "format": form, "columns": columns}
        assert ("name" in columns) is named


@pytest.mark.parametrize(
    "changes", [{"reason": ""}, {"reason": " \u200b "}, {"form": "xls"}, {"form": ""}, {"reason": "x" * 2_001}]
)
def test_without_a_reason_nothing_goes_out(
    window: FeedbackWindow, people: dict[str, User], changes: dict[str, str]
) -> None:
    """The form comes back as it was sent."""
    say(window, "Secret words.")
    response = taken(window, people["coordinator"], **changes)
    html = response.content.decode()
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert "errorlist" in html
    assert "Secret words." not in html
    assert not Entry.objects.filter(action="feedback.exported").exists()


def test_an_old_proof_is_not_enough(window: FeedbackWindow, people: dict[str, User]) -> None:
    """A browser that was left open hands out nothing."""
    say(window, "Words.")
    client = Client()
    client.force_login(people["coordinator"])
    note_sign_in(client, people["coordinator"], second_factor=True, seconds_ago=16 * 60)
    response = client.post(path(window), {"form": "csv", "reason": "For the summary."})
    assert response.status_code == 302
    assert "/reauthenticate/" in response.headers["Location"]
    assert not Entry.objects.filter(action="feedback.exported").exists()


def test_all_of_it_one_row_a_text(window: FeedbackWindow, people: dict[str, User], clock: Clock) -> None:
    """What is held, hidden and for staff alone too; of what was withdrawn that it was, and no word of it."""
    first, second = window.questions.questions.order_by("position")
    clock.set(OPENS + timedelta(minutes=7, seconds=9))
    both = [Answer(first.pk, "Both."), Answer(second.pk, choices=("yes",))]
    said = {
        "public": say(window, answers=both, name="Amani", language="zh-hant", read_language="ar"),
        "nameless": say(window, "Two.", visibility="nameless", name="Zuri"),
        "staff": say(window, "Three.", visibility="staff", name="Baraka"),
        "held": say(window, "Four.", suspected=True),
        "hidden": say(window, "Five."),
        "withdrawn": say(window, "Six.", name="Chiku"),
    }
    services.moderate(
        said["hidden"].pk, "hide", rule="attack", reason="It insults.", actor=people["moderator"], at=OPENS
    )
    services.withdraw(said["withdrawn"].pk, at=OPENS)
    rows = {row["reference"]: row for row in table(taken(window, people["coordinator"]))}
    assert list(rows) == [item.reference for item in said.values()]
    words, chosen, codes = (
        "1. What should the task force do?", "2. Do you agree with the proposal?",
        "2. Do you agree with the proposal? (codes)",
    )  # fmt: skip
    row = rows[said["public"].reference]
    assert (row["name"], row["state"], row["visibility"], row["signs"]) == ("Amani", "published", "public", "")
    assert (row["language"], row["read_language"], row["channel"], row["revision"]) == ("zh-Hant", "ar", "web", "1")
    assert (row["received_at"], row["text"]) == ("2022-02-01T12:07:00Z", "proposal")
    assert (row[words], row[chosen], row[codes]) == ("Both.", "Yes", "yes")
    told = {name: (rows[item.reference]["name"], rows[item.reference][words]) for name, item in said.items()}
    assert told == {
        "public": ("Amani", "Both."), "nameless": ("", "Two."), "staff": ("Baraka", "Three."), "held": ("", "Four."),
        "hidden": ("", "Five."), "withdrawn": ("", ""),
    }  # fmt: skip
    assert rows[said["held"].reference]["signs"] == "trap"
    hidden = rows[said["hidden"].reference]
    assert (hidden["rule"], hidden["state_reason"]) == ("attack", "It insults.")
    everything = taken(window, people["coordinator"], named="").content.decode()
    assert not [name for name in ("Amani", "Zuri", "Baraka", "Chiku", "Six.") if name in everything]
    assert "name" not in everything.splitlines()[0].split(",")
    (of_json,) = [
        one for one in json.loads(taken(window, people["coordinator"], form="json").content)
        if one["reference"] == said["public"].reference
    ]  # fmt: skip
    assert [(one["text"], one["choices"], one["choice_labels"]) for one in of_json["answers"]] == [
        ("Both.", [], []), (None, ["yes"], ["Yes"]),
    ]  # fmt: skip
    assert (of_json["revision"], of_json["in_grace"], of_json["read_percent"]) == (1, False, of_json["read_percent"])


def test_what_became_of_it_replies_and_translations(
    window: FeedbackWindow, people: dict[str, User], lead: User, second: Revision, clock: Clock
) -> None:
    """What became of it as everybody reads it; replies in JSON, whatever became of them; names where they are asked
    for."""
    clock.set(OPENS)
    item, other = say(window, "ينمو القادة.", language="ar"), say(window, "Two.")
    stands = replied(item, people["member"], "So say I.", name="Amani")
    gone = replied(item, people["applicant"], "Mine.", name="Zuri")
    services.withdraw_reply(gone.pk, author=people["applicant"], at=OPENS)
    held = replied(item, people["reviewer1"], "Buy this.", suspected=True)
    services.agree(item.pk, user=people["member"])
    words = services.Words({item.answers.get().asked_id: "Leaders grow."}, "Wanda", 0, 0)
    services.translate(item.pk, "en", words, actor=people["coordinator"], at=OPENS)
    draft(window, lead, item, wanted=Wanted("adopted", second.number, {"en": "=We did."}))
    release(window, lead)
    draft(window, lead, other)
    rows = {row["reference"]: row for row in table(taken(window, people["coordinator"]))}
    row = rows[item.reference]
    assert (row["outcome"], row["adopted_in"], row["agreed"], row["replied"]) == ("adopted", "2", "1", "1")
    assert json.loads(row["answer"]) == {"en": "=We did."}
    assert {rows[other.reference][name] for name in ("outcome", "theme", "adopted_in", "answer", "answered_on")} == {""}
    for named in ("on", ""):
        made = taken(window, people["coordinator"], form="json", named=named)
        (one,) = [each for each in json.loads(made.content) if each["reference"] == item.reference]
        said = {reply["reference"]: reply for reply in one["replies"]}
        assert {pk: (reply["state"], reply["text"]) for pk, reply in said.items()} == {
            stands.reference: ("published", "So say I."), gone.reference: ("withdrawn", None),
            held.reference: ("held", "Buy this."),
        }  # fmt: skip
        assert said[stands.reference].get("name") == ("Amani" if named else None)
        (translation,) = one["translations"]
        assert (translation["language"], translation["translator"]) == ("en", "Wanda" if named else None)
        assert "Zuri" not in made.content.decode()


def test_no_cell_is_computed(window: FeedbackWindow, people: dict[str, User]) -> None:
    """Whatever people or staff write, in cells and in what stands above them."""
    payloads = [
        "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "＝1+1", "＋1", "－1", "＠SUM(1)",
        "=HYPERLINK(\"http://x\")", "=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    ]  # fmt: skip
    for payload in payloads:
        item = say(window, "Words.", visibility="public", name="A")
        FeedbackItem.objects.filter(pk=item.pk).update(name=payload, state_reason=payload)
        item.answers.update(text=payload)
    question = window.questions.questions.order_by("position")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.corrected_label', %s, true)", [f"questions_question {question.pk}"])
        cursor.execute("UPDATE questions_question SET label_en = '=1+1' WHERE id = %s", [question.pk])
    raw = taken(window, people["coordinator"]).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(raw, newline="")))
    signs = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    assert not [cell for row in rows for cell in row if cell.lstrip(" ").startswith(signs)]
    assert [row[rows[0].index("name")] for row in rows[1:]] == [f"'{payload}" for payload in payloads]


def test_whose_right_ends_gets_no_end_of_it(
    window: FeedbackWindow, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle: what comes breaks off, so that nobody takes it for all of it."""
    monkeypatch.setattr(export, "_AT_ONCE", 2)
    copies(window, 6)
    person = people["deputy"]
    made = services.export(window.pk, form="json", named=True, reason="For the summary.", actor=person, at=OPENS)
    parts = export.as_json(made.window, made.ids, named=True, may=lambda: exports.still_may(person, window))
    assert next(parts).count(b"reference") == 2
    RoleGrant.objects.filter(user=person, role=Role.DEPUTY).delete()
    with pytest.raises(Refused):
        list(parts)
    with pytest.raises(Refused):
        services.export(window.pk, form="json", named=True, reason="Once more.", actor=person, at=OPENS)


def test_it_is_made_part_by_part(
    window: FeedbackWindow, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part is read when the one before it was taken; more rows cost more parts, and a part the same."""
    monkeypatch.setattr(export, "_AT_ONCE", 10)
    copies(window, 40)

    def each() -> Iterator[int]:
        made = services.export(window.pk, form="csv", named=True, reason="R", actor=people["deputy"], at=OPENS)
        parts = export.as_csv(made.window, made.ids, named=True, may=lambda: True)
        while True:
            with CaptureQueriesContext(connection) as asked:
                if next(parts, None) is None:
                    return
            yield len(asked)

    counted = list(each())
    assert len(counted) == 5
    assert len(set(counted[1:])) == 1


def test_the_file_has_a_harmless_name(window: FeedbackWindow, people: dict[str, User], clock: Clock) -> None:
    clock.set(OPENS)
    response = taken(window, people["coordinator"])
    name = 'attachment; filename="leadership-development-responsibilities-2022-02-01.csv"'
    assert response.headers["Content-Disposition"] == name
    assert "no-store" in response.headers["Cache-Control"]
    assert response.content.startswith(b"\xef\xbb\xbf")


def test_the_window_leads_there_for_those_who_may(window: FeedbackWindow, people: dict[str, User]) -> None:
    for role, leads in (("coordinator", True), ("moderator", False)):
        client = Client()
        client.force_login(people[role])
        page = client.get(f"/en/admin/feedback/feedbackwindow/{window.pk}/change/").content.decode()
        assert (f'href="{path(window)}"' in page) is leads
