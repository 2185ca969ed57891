"""A table of what was said elsewhere: shown first, taken whole, entered line by line, each once, whatever dies."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any, NoReturn

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from feedback import queries
from feedback.models import FeedbackItem, FeedbackWindow, Sheet, SheetLine
from feedback.services import Pasted, PastedLine, Told, enter, paste, sheets
from taskforce.accounts.models import RoleGrant, User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.portal import sweep
from taskforce.timeline import gates
from taskforce.timeline.models import Extension, Phase
from tests.clients import Client
from tests.conftest import MOMENT, Clock
from tests.feedback.conftest import CLOSES
from tests.feedback.pages import address, main_form, parsed
from tests.feedback.test_elsewhere import key, told
from tests.timeline.conftest import past_the_triggers

TABLE = f"{address()}enter/table/"
NAMES = (
    "Where it was said\tDay on which it was said\tWho spoke\tWhat should the task force do?\t"
    "Do you agree with the proposal?"
)
GOOD = "community call\t2022-02-10\tBoard or staff of an affiliate\tListen first.\tYes"
CHAT = "chat\t2022/2/9\tcontributor\tWrite less.\t"
BAD = "chat\t2022-02-30\tJane Doe\t=1+1\tperhaps"


@pytest.fixture
def facilitator(people: dict[str, User]) -> User:
    """Holds the role for English."""
    return people["facilitator"]


@pytest.fixture
def page(window: FeedbackWindow, facilitator: User, clock: Clock) -> Client:
    """Their browser, while the window is open."""
    browser = Client()
    browser.force_login(facilitator)
    return browser


def filled(browser: Client, *lines: str, **changes: Any) -> dict[str, Any]:
    return {**main_form(browser, TABLE), "text": "\n".join(lines), "act": "preview", **changes}


def previewed(browser: Client, *lines: str) -> dict[str, Any]:
    """The form as it stands behind the preview of these lines, to be sent with consent."""
    fields = parsed(browser.post(TABLE, filled(browser, *lines)).content.decode()).fields
    assert fields is not None
    return {**fields, "consent": "on", "act": "enter"}


def pasted(window: FeedbackWindow, many: int = 3) -> Pasted:
    """A table of good lines, each with words of its own."""
    lines = [PastedLine(n, [f"words {n}"], told(window, spoke_words=f"speaker {n}")) for n in range(1, many + 1)]
    return Pasted([], ["spoke"], {}, lines)


def entered() -> list[str]:
    return sorted(FeedbackItem.objects.values_list("spoke_words", flat=True))


SPEAKERS = ["speaker 1", "speaker 2", "speaker 3"]


# --- the page --------------------------------------------------------------------------------------------------------


def test_a_wrong_line_is_called_as_the_spreadsheet_does_and_says_which_word_is_wrong(page: Client) -> None:
    """With the line of names and empty lines counted, and an empty cell in its place."""
    names = "Where it was said\tDay on which it was said\tWho spoke\tLanguage it was said in\tWho may read this?"
    html = page.post(TABLE, filled(page, names, "", "pub\t2022-02-10\tcontributor\t\tme"))
    shown = html.content.decode()
    assert "Line 3" in shown
    assert "<bdi>contributor</bdi> · <bdi>–</bdi> · <bdi>me</bdi>" in shown
    assert "“\u2068pub\u2069” is not on it; on it are:" in shown
    assert "\u2068chat\u2069" in shown
    assert "“\u2068me\u2069” is not on it" in shown


def test_it_is_shown_first_then_entered_and_what_was_wrong_comes_back_as_a_table(
    page: Client, facilitator: User
) -> None:
    fields = previewed(page, NAMES, GOOD, BAD, CHAT)
    html = page.post(TABLE, {**fields, "act": "preview"}).content.decode()
    assert "2 lines can be entered." in html
    assert "1 line has something wrong" in html
    assert "Please choose one of the list; other words belong" in html
    assert not Sheet.objects.exists()
    response = page.post(TABLE, fields)
    sheet = Sheet.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"{TABLE}{sheet.pk}/")
    html = page.get(f"{TABLE}{sheet.pk}/").content.decode()
    assert "0 of 3 lines entered." in html
    assert "2 lines wait." in html
    assert "data-waiting" in html
    assert sweep.run()["lines of tables entered"] == 2
    html = page.get(f"{TABLE}{sheet.pk}/").content.decode()
    assert "2 of 3 lines entered." in html
    assert "data-waiting" not in html
    assert sorted(FeedbackItem.objects.values_list("spoke", flat=True)) == ["affiliate", "contributor"]
    assert set(FeedbackItem.objects.values_list("entered_by", "visibility", "state")) == {
        (facilitator.pk, "nameless", "published")
    }
    item = FeedbackItem.objects.get(spoke="affiliate")
    assert [(one.text, one.choices) for one in queries.answers(item)] == [("Listen first.", []), ("", ["yes"])]
    assert Entry.objects.get(action="feedback.table-pasted").details["bad"] == 1
    file = page.get(f"{TABLE}{sheet.pk}/not-entered.csv").content.decode("utf-8-sig")
    names, line = csv.reader(io.StringIO(file))
    assert names == [*NAMES.split("\t"), "What is wrong"]
    assert line[:5] == ["chat", "2022-02-30", "Jane Doe", "'=1+1", "perhaps"]
    assert "Please choose one of the list; other words belong" in line[5]
    # Corrected and pasted again: the column with what was wrong is passed over, what was made harmless is as it was.
    again = file.replace("2022-02-30", "2022-02-11").replace("Jane Doe", "Translator").replace("perhaps", "partly")
    page.post(TABLE, previewed(page, again))
    sweep.run()
    assert queries.answers(FeedbackItem.objects.get(spoke="translator"))[0].text == "=1+1"


def test_what_was_not_shown_is_not_entered(page: Client) -> None:
    """Another text, or another column, than in the preview: it is shown first."""
    fields = previewed(page, NAMES, GOOD)
    assert page.post(TABLE, {**fields, "text": f"{NAMES}\n{CHAT}"}).status_code == 200
    assert page.post(TABLE, {**fields, "column-4": ""}).status_code == 200
    assert page.post(TABLE, {**fields, "seen": ""}).status_code == 200
    assert not Sheet.objects.exists()
    assert page.post(TABLE, fields).status_code == 303


def test_without_consent_nothing_is_entered_and_nothing_typed_is_lost(page: Client) -> None:
    fields = previewed(page, NAMES, GOOD)
    del fields["consent"]
    html = page.post(TABLE, fields).content.decode()
    assert "Please ask them first" in html
    assert "Listen first." in html
    assert not Sheet.objects.exists()


def test_columns_are_what_one_says_they_are(page: Client) -> None:
    """Also where they have no names; a column that is two things, or two that are one, is refused."""
    lines = ("affiliate\tcall\tListen first.\t2022-02-10",)
    first = page.post(TABLE, filled(page, *lines)).content.decode()
    assert "0 lines can be entered" in first
    fields = previewed(page, *lines)
    asked = FeedbackWindow.objects.get().questions.questions.get(kind="long-text").pk
    chosen = {"column-0": "spoke", "column-1": "channel", "column-2": f"q-{asked}", "column-3": "said_on"}
    html = page.post(TABLE, {**fields, **chosen, "act": "preview"}).content.decode()
    assert "1 line can be entered." in html
    html = page.post(TABLE, {**fields, **chosen, "column-0": "channel", "act": "preview"}).content.decode()
    assert "Another column is this already." in html


def test_what_is_chosen_for_one_table_does_not_hold_for_another(page: Client) -> None:
    fields = previewed(page, "affiliate\tcall")
    swapped = {**fields, "column-0": "spoke", "column-1": "channel", "act": "preview", "text": f"{NAMES}\n{GOOD}"}
    assert "1 line can be entered." in page.post(TABLE, swapped).content.decode()


def test_the_same_form_twice_is_one_table_and_another_table_a_conflict(page: Client) -> None:
    fields = previewed(page, NAMES, GOOD)
    first, again = page.post(TABLE, fields), page.post(TABLE, fields)
    assert first.headers["Location"] == again.headers["Location"]
    other = previewed(page, NAMES, GOOD, CHAT)
    conflict = page.post(TABLE, {**other, "form_key": fields["form_key"]})
    assert conflict.status_code == 409
    assert "Write less." in conflict.content.decode()
    assert Sheet.objects.count() == 1
    assert page.post(TABLE, other).status_code == 303
    assert Sheet.objects.count() == 2


@pytest.mark.parametrize("name", ["member", "moderator", "translator", "admin"])
def test_a_table_is_its_facilitators_alone(page: Client, people: dict[str, User], name: str) -> None:
    page.post(TABLE, previewed(page, NAMES, GOOD))
    sheet = Sheet.objects.get().pk
    other = Client()
    other.force_login(people[name])
    for path in (f"{TABLE}{sheet}/", f"{TABLE}{sheet}/not-entered.csv", f"{TABLE}{2**70}/"):
        assert other.get(path).status_code == 404
    assert other.get(TABLE).status_code == (200 if name == "admin" else 404)
    assert "No table yet" in other.get(TABLE).content.decode() or name != "admin"


def test_more_lines_cost_no_more_statements(page: Client) -> None:
    counts = []
    for many in (2, 60):
        fields = filled(page, NAMES, *[GOOD] * many)
        with CaptureQueriesContext(connection) as caught:
            assert f"{many} lines can be entered." in page.post(TABLE, fields).content.decode()
        counts.append(len(caught))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("language", ["zh-hant", "ar"])
def test_the_page_in_other_languages(page: Client, facilitator: User, language: str) -> None:
    html = page.get(TABLE.replace("/en/", f"/{language}/")).content.decode()
    assert html.count("<h1") == 1
    assert 'id="sample"' in html


@pytest.mark.parametrize(
    "typed",
    ["\x00", "[" * 20_000, "<script>alert(1)</script>", '"' * 999, "\u202e" * 500, "x" * 2_000_000, "a\t" * 600],
    ids=["nul", "brackets", "script", "quotation", "bidi", "long", "columns"],
)
def test_hostile_tables_are_an_error_or_harmless(page: Client, typed: str) -> None:
    response = page.post(TABLE, filled(page, typed))
    assert response.status_code in (200, 400)
    assert "<script>alert(1)" not in response.content.decode()
    assert not Sheet.objects.exists()


# --- entering, once --------------------------------------------------------------------------------------------------


def test_a_pass_that_dies_leaves_the_rest_for_the_next_and_no_line_twice(
    window: FeedbackWindow, facilitator: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after the item of the second line is written and before that is noted at the line."""
    paste(window.pk, pasted(window), form_key=key(window), actor=facilitator)
    calls = []

    def dying(*args: Any, **options: Any) -> FeedbackItem:
        item = enter(*args, **options)
        calls.append(item)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return item

    with monkeypatch.context() as patch:
        patch.setattr(sheets, "enter", dying)
        with pytest.raises(KeyboardInterrupt):
            sheets.enter_due(MOMENT)
    assert entered() == ["speaker 1"]
    assert sheets.enter_due(MOMENT) == 2
    assert entered() == SPEAKERS
    assert sheets.enter_due(MOMENT) == 0


@pytest.mark.parametrize(("is_known", "items"), [(True, 3), (False, 6)], ids=["by its key", "by none"])
def test_a_line_whose_mark_is_lost_is_entered_once_by_its_key(
    window: FeedbackWindow, facilitator: User, clock: Clock, monkeypatch: pytest.MonkeyPatch, is_known: bool, items: int
) -> None:
    """The twin: a line that is known by no key of its own is there twice."""

    def forgetful(window_id: int, said: Told, *, form_key: gates.FormKey, actor: User, **_key: Any) -> FeedbackItem:
        nonce = gates.read_form_key(gates.new_form_key(form_key.issued_at, form_key.phase_id), form_key.phase_id).nonce
        return enter(window_id, said, form_key=replace(form_key, nonce=nonce), actor=actor)

    if not is_known:
        monkeypatch.setattr(sheets, "enter", forgetful)
    sheet = paste(window.pk, pasted(window), form_key=key(window), actor=facilitator)
    kept = {line.number: (line.cells, line.told) for line in sheet.lines.all()}
    sheets.enter_due(MOMENT)
    for number, (cells, said) in kept.items():
        sheet.lines.filter(number=number).update(item=None, cells=cells, told=said)
    assert sheets.enter_due(MOMENT) == 3
    assert FeedbackItem.objects.count() == items


def in_parallel(act: Callable[[], Any], number: int = 3) -> list[Any]:
    def once(_turn: int) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(once, range(number)))


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_naive", [False, True], ids=["locked", "naive"])
def test_passes_at_the_same_moment_enter_each_line_once(
    committed: None, window: FeedbackWindow, people: dict[str, User], clock: Clock, is_naive: bool
) -> None:
    """The twin reads what waits, and enters it without a lock and without a key: each line once a pass."""
    actor = people["facilitator"]
    paste(window.pk, pasted(window, 12), form_key=key(window), actor=actor)
    together = Barrier(3)

    def locked() -> int:
        together.wait()
        return sheets.enter_due(MOMENT)

    def naive() -> int:
        waiting = [sheets._told(line.told) for line in SheetLine.objects.filter(item=None, fault="") if line.told]
        together.wait()
        return len([enter(window.pk, said, form_key=key(window), actor=actor) for said in waiting])

    done = in_parallel(naive if is_naive else locked)
    assert sum(done) == FeedbackItem.objects.count() == (36 if is_naive else 12)


def test_what_was_taken_in_time_is_entered_whenever_its_turn_comes(
    window: FeedbackWindow, facilitator: User, clock: Clock
) -> None:
    """FAILS where a line meets the close that its table came before: by the sweep once a minute, which takes fifty
    lines at once, and by a worker that was down until a day later."""
    taken = clock.set(CLOSES - timedelta(seconds=20))
    sheet = paste(window.pk, pasted(window, 120), form_key=key(window, taken), actor=facilitator)
    entered_by_minute = [sheets.enter_due(clock.set(CLOSES + timedelta(minutes=minute))) for minute in (0, 5)]
    assert entered_by_minute == [50, 50]
    assert sheets.enter_due(clock.set(CLOSES + timedelta(days=1))) == 20
    assert set(FeedbackItem.objects.values_list("received_at", "in_grace", "consent_at")) == {
        (sheet.pasted_at, False, sheet.pasted_at)
    }
    assert sheet.pasted_at < CLOSES
    # The twin: by its own form nothing is entered any more.
    with pytest.raises(Refused):
        enter(window.pk, told(window), form_key=key(window, taken), actor=facilitator)


def test_of_a_phase_with_a_cap_a_table_takes_no_more_than_its_places(
    page: Client, window: FeedbackWindow, facilitator: User, clock: Clock
) -> None:
    """The last line that finds a place closes the phase, the others are refused and say so."""
    with past_the_triggers():
        Phase.objects.filter(pk=window.phase_id).update(cap=2)
    sheet = paste(window.pk, pasted(window), form_key=key(window), actor=facilitator)
    assert sheets.enter_due(MOMENT) == 2
    assert Extension.objects.get().act == "full"
    assert list(sheet.lines.values_list("fault", flat=True).order_by("number")) == ["", "", "refused"]
    html = page.get(f"{TABLE}{sheet.pk}/").content.decode()
    assert "when its turn came, it could not be entered any more" in html
    assert "words 3" in html
    assert "1 line was not entered." in html


def test_in_the_grace_a_table_from_before_the_close_is_entered(
    window: FeedbackWindow, facilitator: User, clock: Clock
) -> None:
    before = key(window, clock.set(CLOSES - timedelta(seconds=1)))
    clock.set(CLOSES + timedelta(seconds=1))
    with pytest.raises(Refused):
        paste(window.pk, pasted(window), form_key=key(window, CLOSES), actor=facilitator)
    paste(window.pk, pasted(window), form_key=before, actor=facilitator)
    sheets.enter_due(CLOSES)
    assert set(FeedbackItem.objects.values_list("in_grace", flat=True)) == {True}


def test_whoever_has_lost_the_role_enters_nothing_more(window: FeedbackWindow, facilitator: User, clock: Clock) -> None:
    paste(window.pk, pasted(window), form_key=key(window), actor=facilitator)
    RoleGrant.objects.filter(user=facilitator).delete()
    assert sheets.enter_due(MOMENT) == 0
    assert set(SheetLine.objects.values_list("fault", flat=True)) == {"refused"}


def fail(error: Exception) -> Callable[..., NoReturn]:
    def failing(*args: Any, **options: Any) -> NoReturn:
        raise error

    return failing


def test_a_line_that_fails_by_our_own_fault_holds_up_no_other(
    window: FeedbackWindow, facilitator: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But where the database itself is away, all of them wait."""
    paste(window.pk, pasted(window), form_key=key(window), actor=facilitator)
    with monkeypatch.context() as patch:
        patch.setattr(sheets, "enter", fail(OperationalError("away")))
        with pytest.raises(OperationalError):
            sheets.enter_due(MOMENT)
    first = SheetLine.objects.order_by("number")[0]
    with monkeypatch.context() as patch:
        patch.setattr(sheets, "enter", fail(ValueError("ours")))
        patch.setattr(queries, "lines_waiting", lambda most: [first.pk])
        assert sheets.enter_due(MOMENT) == 0
    first.refresh_from_db()
    assert (first.fault, first.cells) == ("failed", ["words 1"])
    assert sheets.enter_due(MOMENT) == 2


def test_a_table_without_a_line_that_can_be_entered_is_none(
    window: FeedbackWindow, facilitator: User, people: dict[str, User], clock: Clock
) -> None:
    nothing = Pasted([], ["spoke"], {}, [PastedLine(1, ["x"], None)])
    with pytest.raises(Invalid):
        paste(window.pk, nothing, form_key=key(window), actor=facilitator)
    form_key = key(window)
    paste(window.pk, pasted(window), form_key=form_key, actor=facilitator)
    with pytest.raises(Conflict):
        paste(window.pk, pasted(window), form_key=form_key, actor=people["admin"])
    with pytest.raises(Refused):
        paste(window.pk, pasted(window), form_key=key(window), actor=people["member"])


def test_old_tables_go_and_what_was_entered_of_them_stays(
    window: FeedbackWindow, facilitator: User, clock: Clock
) -> None:
    paste(window.pk, pasted(window), form_key=key(window), actor=facilitator)
    sheets.enter_due(MOMENT)
    assert sheets.forget_old(MOMENT + sheets.KEPT_FOR) == 0
    assert sheets.forget_old(MOMENT + sheets.KEPT_FOR + timedelta(seconds=1)) == 1
    assert entered() == SPEAKERS
    assert not SheetLine.objects.exists()
