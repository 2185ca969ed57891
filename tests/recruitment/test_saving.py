"""What is typed saves itself, by groups; two windows of one person are put together, and nothing of either is lost."""

import re
from concurrent.futures import wait
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from recruitment import groups, merging, queries, services
from recruitment.enums import Group
from recruitment.models import Application, ApplicationAnswers, Call, Snapshot
from recruitment.services import applications
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.limits import table
from taskforce.timeline import gates
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import HARD_CLOSES, OPEN, PAGE, Run, SignIn, draft, question_names, shown_form

DRAFT = f"{PAGE}draft/"
LATER = HARD_CLOSES


@pytest.fixture
def browser(people: dict[str, User], sign_in: SignIn) -> Client:
    """The applicant's browser."""
    return sign_in(people["applicant"])


def form_of(client: Client, call: Call) -> dict[str, Any]:
    """The form as it is shown now, with the marks of what it shows."""
    user = User.objects.get(pk=client.session["_auth_user_id"])
    mine = queries.own_application(call, user)
    typed = queries.typed(mine) if mine is not None else queries.begun(user)
    return {**shown_form(client, call), **{merging.marks_name(one): merging.marks(typed[one]) for one in Group}}


def save(client: Client, form: dict[str, Any], *named: str, **typed: Any) -> Any:
    """What the script sends, and what is answered."""
    data = {**form, **typed, "group": list(named) or ["answers"]}
    return client.post(DRAFT, data, headers={"accept": "application/json"})


def stored(group: Group = Group.ANSWERS) -> dict[str, list[str]]:
    """What is stored of the only application in a group."""
    typed = queries.typed(queries.with_groups(Application.objects.all()).get())[group]
    return {name: list(values) for name, values in typed.items()}


# --- the script's address --------------------------------------------------------------------------------------------


def test_a_group_saves_itself(browser: Client, call: Call) -> None:
    first, _second = question_names(call)
    form = form_of(browser, call)
    answer = save(browser, form, "answers", **{first: "I listen."})
    said = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert said["saved_at"] == "2022-03-21T12:00:00Z"
    assert said["saved_at_label"] == "12:00 UTC"
    assert stored() == {first: ["I listen."]}
    # What came along of other groups is not theirs to save; and nothing was submitted.
    assert not Snapshot.objects.exists()
    assert Application.objects.get().identity.version == 0
    # On its answer is typed from now on.
    again = {**form, "version-answers": said["versions"]["answers"], "marks-answers": said["marks"]["answers"]}
    assert save(browser, again, "answers", **{first: "I listen well."}).status_code == 200
    assert stored() == {first: ["I listen well."]}
    # What is emptied is empty.
    row = ApplicationAnswers.objects.get()
    again["version-answers"] = groups.token(row.version, row.typed)
    assert save(browser, again, "answers", **{first: ""}).status_code == 200
    assert stored() == {}


def test_several_groups_at_once(browser: Client, call: Call) -> None:
    answer = save(browser, form_of(browser, call), "identity", "profile", name="Amani", **{"profile-hours": "viele"})
    assert answer.status_code == 200
    assert set(answer.json()["versions"]) == {"identity", "profile"}
    assert stored(Group.IDENTITY)["name"] == ["Amani"]
    assert stored(Group.PROFILE)["profile-hours"] == ["viele"], "kept as it was typed, valid or not"


def test_another_window_is_told_what_is_stored(browser: Client, call: Call) -> None:
    first, _second = question_names(call)
    form, other = form_of(browser, call), form_of(browser, call)
    assert save(browser, form, "answers", **{first: "From one."}).status_code == 200
    answer = save(browser, other, "answers", **{first: "From the other."})
    assert answer.status_code == 409
    group = answer.json()["groups"]["answers"]
    assert group["fields"] == {first: ["From one."]}
    assert stored() == {first: ["From one."]}
    # With the version that came with it, it is saved.
    other |= {"version-answers": group["version"], "marks-answers": group["marks"]}
    assert save(browser, other, "answers", **{first: "From both."}).status_code == 200
    assert stored() == {first: ["From both."]}


@pytest.mark.parametrize("action", ["submit", "save"])
def test_what_this_form_sent_unheard_is_no_other_window(browser: Client, call: Call, action: str) -> None:
    """It is saved, its answer does not come, and what is typed by then is sent by a button: that counts."""
    first, second = question_names(call)
    form = {**form_of(browser, call), first: "Sent.", second: "two"}
    assert save(browser, form, "answers").status_code == 200
    button = {**form, first: "Sent, and more.", "action": action}
    # Without a word about it, it may be of another window.
    assert browser.post(PAGE, button).status_code == 409
    assert browser.post(PAGE, {**button, merging.UNHEARD: ["profile"]}).status_code == 409
    assert browser.post(PAGE, {**button, merging.UNHEARD: ["answers"]}).status_code == 303
    assert stored()[first] == ["Sent, and more."]
    assert Snapshot.objects.exists() is (action == "submit")


def test_what_was_sent_unheard_and_taken_back_is_not_untouched(browser: Client, call: Call) -> None:
    """The script hears what is stored, and sends again what stands there now; a button takes it back at once."""
    first, _second = question_names(call)
    form = form_of(browser, call)
    assert save(browser, form, "answers", **{first: "Typed."}).status_code == 200
    back = {**form, first: ""}
    refused = save(browser, {**back, merging.UNHEARD: ["answers"]}, "answers")
    assert refused.status_code == 409
    assert refused.json()["groups"]["answers"]["fields"] == {first: ["Typed."]}
    assert browser.post(PAGE, {**back, "action": "in-ar", merging.UNHEARD: ["answers"]}).status_code == 303
    assert stored() == {}


def test_what_another_window_saved_is_no_own_text(browser: Client, call: Call) -> None:
    """Neither before nor after what was sent unheard, in whichever group."""
    first, _second = question_names(call)
    form, other = form_of(browser, call), form_of(browser, call)
    assert save(browser, form, "answers", **{first: "Sent."}).status_code == 200
    unheard = {**form, first: "Sent, and more.", "action": "save", merging.UNHEARD: ["answers", "profile"]}
    assert save(browser, other, "profile", **{"profile-roles": "Steward"}).status_code == 200
    refused = browser.post(PAGE, {**unheard, "profile-roles": "Patroller"})
    assert refused.status_code == 409
    assert stored(Group.PROFILE)["profile-roles"] == ["Steward"]
    assert stored() == {first: ["Sent."]}


def test_the_same_again_is_no_conflict(browser: Client, call: Call) -> None:
    """An answer that nobody heard: the script sends the same once more."""
    first, _second = question_names(call)
    form = form_of(browser, call)
    versions = [save(browser, form, "answers", **{first: "Once."}).json()["versions"] for _time in range(2)]
    assert versions[0] == versions[1]


def test_signed_out_nothing_is_saved_and_the_page_finds_its_person_again(
    browser: Client, call: Call, people: dict[str, User]
) -> None:
    first, _second = question_names(call)
    form = form_of(browser, call)
    said = browser.get(DRAFT).json()
    assert said["owner"] == signed_out.owner_mark(people["applicant"])
    assert said["csrf"]
    browser.logout()
    answer = save(browser, form, "answers", **{first: "Nobody's."})
    assert (answer.status_code, answer.json()["why"]) == (401, "signed-out")
    assert browser.get(DRAFT).status_code == 401
    assert not Application.objects.exists()


def test_what_one_account_typed_is_not_saved_for_another(
    browser: Client, call: Call, people: dict[str, User], sign_in: SignIn
) -> None:
    first, _second = question_names(call)
    form = form_of(browser, call)
    answer = save(sign_in(people["member"]), form, "answers", **{first: "Not mine."})
    assert (answer.status_code, answer.json()["why"]) == (403, "account")
    assert not Application.objects.exists()


def test_after_the_close_it_says_why(browser: Client, call: Call, clock: Clock) -> None:
    """What was saved before stays, and is no application."""
    first, _second = question_names(call)
    form = form_of(browser, call)
    sent = save(browser, form, "answers", **{first: "In time."}).json()
    clock.set(LATER)
    form["version-answers"] = sent["versions"]["answers"]
    answer = save(browser, form, "answers", **{first: "Too late."})
    assert (answer.status_code, answer.json()["why"]) == (403, "closed")
    assert answer.json()["error"]
    assert stored() == {first: ["In time."]}
    assert not Snapshot.objects.exists()
    page = browser.get(PAGE).content.decode()
    assert "In time." in page
    assert "data-unsaved-here" in page, "where the script shows what this browser still has"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"group": []}, 400),
        ({"group": ["nobody's"]}, 400),
        ({"form_key": "nobody's"}, 400),
        ({"version-answers": "x" * 500}, 400),
        ({"answer": "\x00"}, 400),
        ({"answer": "x" * 100_000}, 400),
        ({"marks-answers": ":" * 50_000}, 200),
    ],
)
def test_what_no_page_sends(browser: Client, call: Call, changes: dict[str, Any], status: int) -> None:
    first, _second = question_names(call)
    form = {**form_of(browser, call), "group": ["answers"]}
    form[first] = changes.pop("answer", "Words.")
    answer = browser.post(DRAFT, {**form, **changes})
    assert answer.status_code == status
    # What cannot be read at all is refused before any view, with a page.
    if answer.headers["Content-Type"] == "application/json":
        assert ("error" in answer.json()) == (status != 200)


@pytest.mark.parametrize("name", ["cv", "text"])
def test_a_file_is_refused(browser: Client, call: Call, name: str) -> None:
    """In a field that the form has, or in another one."""
    first, second = question_names(call)
    sent = {second: "two", first if name == "text" else name: SimpleUploadedFile("cv.txt", b"What I have done.")}
    answer = save(browser, form_of(browser, call), "answers", **sent)
    assert answer.status_code == 400
    assert "A file was sent, and this form takes none." in answer.json()["error"]
    assert not Application.objects.exists()


def test_whoever_sends_without_end_is_stopped(browser: Client, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "APPLICATION_DRAFT", table.APPLICATION_DRAFT._replace(most=2))
    form = form_of(browser, call)
    answers = [save(browser, form, "answers") for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_nobody_reads_in_the_log_when_somebody_types(browser: Client, call: Call) -> None:
    first, _second = question_names(call)
    sent = save(browser, form_of(browser, call), "answers", **{first: "One."}).json()
    before = Entry.objects.count()
    form = {**form_of(browser, call), "version-answers": sent["versions"]["answers"]}
    assert save(browser, form, "answers", **{first: "Two."}).status_code == 200
    assert Entry.objects.count() == before


@pytest.mark.parametrize("length", [10, 400])
def test_what_it_costs(browser: Client, call: Call, length: int, record_property: Any) -> None:
    first, _second = question_names(call)
    save(browser, form_of(browser, call), "answers", **{first: "One."})
    form = form_of(browser, call)
    with CaptureQueriesContext(connection) as captured:
        assert save(browser, form, "answers", **{first: "w" * length}).status_code == 200
    asked = [one["sql"] for one in captured if not re.match(r"(RELEASE )?SAVEPOINT|BEGIN|COMMIT|SET ", one["sql"])]
    record_property("statements", len(asked))
    assert len(asked) <= 11, "\n".join(asked)


# --- two windows, by the button --------------------------------------------------------------------------------------


def test_what_only_one_window_changed_is_put_together(browser: Client, call: Call) -> None:
    first, second = question_names(call)
    form, other = form_of(browser, call), form_of(browser, call)
    assert browser.post(PAGE, {**form, first: "From one.", "action": "save"}).status_code == 303
    assert browser.post(PAGE, {**other, second: "two", "action": "save"}).status_code == 303
    assert stored() == {first: ["From one."], second: ["two"]}


def test_what_was_put_together_is_not_submitted_unseen(browser: Client, call: Call) -> None:
    first, second = question_names(call)
    form = form_of(browser, call)
    assert browser.post(PAGE, {**form, first: "Words.", "action": "save"}).status_code == 303
    form, other = form_of(browser, call), form_of(browser, call)
    assert browser.post(PAGE, {**form, second: "two", "action": "save"}).status_code == 303
    assert browser.post(PAGE, {**other, first: "Other words.", "action": "submit"}).status_code == 303
    assert stored() == {first: ["Other words."], second: ["two"]}
    assert not Snapshot.objects.exists()
    assert "look through it" in browser.get(PAGE).content.decode()


def _torn(browser: Client, call: Call) -> tuple[str, Any]:
    """Two windows that changed the same field, and the page that follows."""
    first, second = question_names(call)
    form, other = form_of(browser, call), form_of(browser, call)
    assert browser.post(PAGE, {**form, first: "From <one>.", second: "four", "action": "save"}).status_code == 303
    return first, browser.post(PAGE, {**other, first: "From the other.", "name": "Amani", "action": "save"})


def sent_by(page: Any) -> dict[str, Any]:
    """The hidden fields and texts of the page's form, as a browser would send them."""
    html = page.content.decode()
    main = html[html.index('<form class="pt-form"') :]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main):
        found.setdefault(name, []).append(value.replace("&lt;", "<").replace("&gt;", ">"))
    for name, value in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', main):
        found.setdefault(name, []).append(value)
    return {**found, "action": "save"}


@pytest.mark.parametrize(
    ("choice", "becomes"),
    [("mine", "From the other."), ("stored", "From <one>."), ("own", "From both."), ("", "From both.")],
)
def test_one_of_two_texts_is_chosen(browser: Client, call: Call, choice: str, becomes: str) -> None:
    _first, second = question_names(call)
    first, page = _torn(browser, call)
    assert page.status_code == 409
    html = page.content.decode()
    assert "From &lt;one&gt;." in html
    assert "From the other." in html
    assert stored()[first] == ["From <one>."], "nothing was overwritten"
    done = browser.post(PAGE, {**sent_by(page), f"choose-{first}": choice, first: "From both."})
    assert done.status_code == 303
    assert done.headers["Location"].endswith(f"#merged={first}")
    assert stored() == {first: [becomes], second: ["four"]}
    assert stored(Group.IDENTITY)["name"] == ["Amani"], "what does not clash goes along"


def test_whoever_chooses_nothing_is_asked_again(browser: Client, call: Call) -> None:
    first, page = _torn(browser, call)
    again = browser.post(PAGE, sent_by(page))
    assert again.status_code == 409
    assert "Please choose" in again.content.decode()
    assert stored()[first] == ["From <one>."]
    assert browser.post(PAGE, {**sent_by(again), f"choose-{first}": "mine"}).status_code == 303
    assert stored()[first] == ["From the other."]


def test_a_third_window_meanwhile(browser: Client, call: Call) -> None:
    """What is saved while somebody chooses is not overwritten either."""
    first, page = _torn(browser, call)
    third = {**form_of(browser, call), first: "From a third.", "action": "save"}
    assert browser.post(PAGE, third).status_code == 303
    again = browser.post(PAGE, {**sent_by(page), f"choose-{first}": "mine"})
    assert again.status_code == 409
    assert "From a third." in again.content.decode()
    assert stored()[first] == ["From a third."]


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"action": "nothing"}, 400), ({"action": "save", "version-answers": "damaged!"}, 400), ({}, 429)],
)
def test_a_refused_form_stands_on_what_it_was_typed_on(
    browser: Client, call: Call, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], status: int
) -> None:
    """Whoever sends it again from the page of the refusal has not seen what another window has saved meanwhile."""
    first, _second = question_names(call)
    form, other = form_of(browser, call), form_of(browser, call)
    assert browser.post(PAGE, {**form, first: "From one.", "action": "save"}).status_code == 303
    with monkeypatch.context() as patch:
        if status == 429:
            patch.setattr(table, "APPLICATION", table.APPLICATION._replace(most=1))
        page = browser.post(PAGE, {**other, first: "From the other.", "action": "save", **changes})
    assert page.status_code == status
    again = browser.post(PAGE, {**other, **sent_by(page), first: "From the other."})
    assert again.status_code == 409
    assert stored()[first] == ["From one."]


# --- three texts -----------------------------------------------------------------------------------------------------

BASE = {"q-1": ["one"], "q-2": ["two"], "q-4": ["a", "b"]}


@pytest.mark.parametrize(
    ("mine", "theirs", "fields", "torn"),
    [
        (BASE, BASE, BASE, []),
        ({**BASE, "q-1": ["eins"]}, BASE, {**BASE, "q-1": ["eins"]}, []),
        (BASE, {**BASE, "q-1": ["uno"]}, {**BASE, "q-1": ["uno"]}, []),
        ({**BASE, "q-1": ["eins"]}, {**BASE, "q-2": ["dos"]}, {**BASE, "q-1": ["eins"], "q-2": ["dos"]}, []),
        ({**BASE, "q-1": ["eins"]}, {**BASE, "q-1": ["uno"]}, {**BASE, "q-1": ["eins"]}, ["q-1"]),
        ({**BASE, "q-3": ["neu"]}, {**BASE, "q-3": ["nuevo"]}, {**BASE, "q-3": ["neu"]}, ["q-3"]),
        ({"q-1": ["one"], "q-2": ["two"]}, {**BASE, "q-4": ["a"]}, {"q-1": ["one"], "q-2": ["two"]}, ["q-4"]),
        ({**BASE, "q-1": []}, BASE, {"q-2": ["two"], "q-4": ["a", "b"]}, []),
        ({**BASE, "q-1": ["l\r\nm"]}, {**BASE, "q-1": ["l\nm"]}, {**BASE, "q-1": ["l\nm"]}, []),
    ],
)
def test_three_texts(mine: Any, theirs: Any, fields: Any, torn: list[str]) -> None:
    assert merging.merged(mine, theirs, merging.marks(BASE)) == (fields, torn)


def test_without_marks_everything_that_differs_is_torn() -> None:
    assert merging.merged({**BASE, "q-1": ["eins"]}, BASE, None).torn == ["q-1"]
    assert merging.merged({"q-1": ["eins"]}, {"q-1": ["uno"]}, "").torn == ["q-1"], "it was empty, and both wrote"


def test_what_is_no_page_of_two_texts_is_as_it_came() -> None:
    posted = QueryDict("q-1=one&choose-q-1=stored&stored-q-1=two")
    assert merging.chosen(posted) == (posted, True)


# --- at once ---------------------------------------------------------------------------------------------------------


def _at_once(call: Call, user: User, aside: Run, sign_in: SignIn) -> list[Any]:
    """Two windows send the same group in the same moment."""
    client = sign_in(user)
    first, _second = question_names(call)
    form = form_of(client, call)
    browsers = [sign_in(user) for _window in range(2)]
    texts = ("From one.", "From the other.")
    sent = [aside(save, one, form, "answers", **{first: text}) for one, text in zip(browsers, texts, strict=True)]
    return [one.result() for one in sent]


def test_of_two_that_save_at_once_one_is_told(call: Call, people: dict[str, User], aside: Run, sign_in: SignIn) -> None:
    """One is stored, the other gets it: so its page has both."""
    answers = _at_once(call, people["applicant"], aside, sign_in)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    told = next(answer for answer in answers if answer.status_code == 409)
    assert told.json()["groups"]["answers"]["fields"] == stored()


def test_who_waits_for_another_that_saves_sees_what_it_saved(call: Call, people: dict[str, User], aside: Run) -> None:
    """Of an application that is there already: the second waits for its row, and reads its groups after that."""
    user = people["applicant"]
    services.save_draft(call.pk, user, draft(call, "Before."))
    first, second = draft(call, "From one.", version=1), draft(call, "From the other.", version=1)
    second = replace(second, form_key=gates.read_form_key(gates.new_form_key(OPEN, call.phase_id), call.phase_id))
    saved, go_on = Event(), Event()

    def holds() -> None:
        with transaction.atomic():
            services.save_draft(call.pk, user, first)
            saved.set()
            go_on.wait(20)

    one = aside(holds)
    assert saved.wait(20)
    other = aside(services.save_draft, call.pk, user, second)
    wait([other], timeout=1)
    assert not other.done(), "it does not wait"
    go_on.set()
    one.result(20)
    assert isinstance(other.exception(20), services.ChangedMeanwhile)
    assert stored()[question_names(call)[0]] == ["From one."]


def test_without_the_version_one_would_be_lost(
    call: Call, people: dict[str, User], aside: Run, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the test above: what it guards is the comparison of versions."""
    monkeypatch.setattr(applications, "_changed", lambda application, draft, **_how: list(draft.typed))
    answers = _at_once(call, people["applicant"], aside, sign_in)
    assert [answer.status_code for answer in answers] == [200, 200]
