"""The page of all units is one form: a button saves one of them, and nothing that was typed in another one is lost."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals import queries
from proposals.models import Proposal, TranslationDraft, Unit, UnitText
from proposals.services import Typed, Wanted, import_page, save_translation, set_goal, translate
from proposals.services.keeping import keep
from proposals.services.texts import LONGEST_SUMMARY, LONGEST_TEXT
from proposals.translating import PER_PAGE
from taskforce.accounts import signed_out
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import create_account, grant_role
from taskforce.limits import table
from taskforce.limits.models import Counter
from tests.clients import Client
from tests.conftest import Clock
from tests.proposals.editing import coordinator
from tests.proposals.pages import long_body, page
from tests.proposals.test_translating import AT, address, shown_units
from tests.proposals.test_translating import _translator as translator_of

PAGE = address()


class _Fields(HTMLParser):
    """What a browser without a script sends of the form: all its fields, and none of its buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._area, self._is_in_form = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_in_form = given.get("id") == "all"
        is_of_it = given.get("form", "all" if self._is_in_form else "") == "all"
        if is_of_it and tag == "input" and "name" in given:
            self.found[given["name"]] = given.get("value", "")
        elif is_of_it and tag == "textarea":
            self._area = given["name"]
            self.found[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # Its first line break is the markup's.
            self.found[self._area] = self.found[self._area].removeprefix("\n")
            self._area = ""
        if tag == "form":
            self._is_in_form = False


def fields_of(answer: Any) -> dict[str, str]:
    return _Fields(answer.content.decode()).found


def copied(answer: Any) -> list[str]:
    """What stands on a page to be copied."""
    return [unescape(one) for one in re.findall(r'<pre class="pt-typed"[^>]*>([^<]*)</pre>', answer.content.decode())]


@pytest.fixture
def translator(text: Proposal) -> User:
    return translator_of("tian@demo.example", "de", "ar")


@pytest.fixture
def units(text: Proposal) -> list[int]:
    return [unit.pk for unit in queries.live_units(text)]


@pytest.fixture
def desk(client: Client, translator: User) -> Client:
    client.force_login(translator)
    return client


def texts(*pairs: tuple[int, str]) -> dict[str, str]:
    """The fields of these units, by what is typed in each."""
    return {f"u{unit}-text": said for unit, said in pairs}


def drafts() -> dict[int, str]:
    return dict(TranslationDraft.objects.values_list("unit", "text"))


def saved(language: str = "de") -> dict[int, str]:
    return dict(UnitText.objects.filter(language=language).values_list("unit", "text"))


# --- one is saved, the others are kept -------------------------------------------------------------------------------


def test_one_is_saved_and_what_was_typed_in_the_others_is_kept(desk: Client, units: list[int]) -> None:
    """It stands in its field on the page that comes, marked as kept; what nobody typed in is not touched. Saving it
    then is done with it."""
    one, two, three = units[:3]
    form = fields_of(desk.get(PAGE)) | texts((one, "Eins"), (two, "Zwei, ha"), (three, "Drei"))
    form[f"u{three}-summary"] = "so weit"
    answer = desk.post(PAGE, form | {f"u{one}-action": "next"})
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}?show=todo&unit={two}&saved={one}#u{two}")
    assert (saved(), drafts()) == ({one: "Eins"}, {two: "Zwei, ha", three: "Drei"})
    answer = desk.get(answer["Location"])
    html, form = answer.content.decode(), fields_of(answer)
    assert (form[f"u{two}-text"], form[f"u{three}-text"], form[f"u{three}-summary"]) == ("Zwei, ha", "Drei", "so weit")
    assert html.count("noch nicht gespeichert, und nur Sie sehen es") == 2
    assert next(str(message) for message in answer.context["messages"]).count("2") == 1
    tokens = set(TranslationDraft.objects.values_list("token", flat=True))
    assert desk.post(PAGE, form | {f"u{two}-action": "save"}).status_code == 303
    assert (saved(), drafts()) == ({one: "Eins", two: "Zwei, ha"}, {three: "Drei"})
    assert set(TranslationDraft.objects.values_list("token", flat=True)) < tokens, "what stood there is kept as it was"


@pytest.mark.parametrize(
    ("button", "leads"),
    [({"all": "keep", "page": "3"}, 3), ({"go": "2"}, 2), ({}, 1)],
    ids=["all", "other page", "enter"],
)
def test_every_button_keeps_all(desk: Client, units: list[int], button: dict[str, str], leads: int) -> None:
    """That of the whole page, those that lead to another one, and the line break that sends a form."""
    form = fields_of(desk.get(PAGE)) | texts((units[0], "Eins"), (units[4], "Fünf"))
    answer = desk.post(PAGE, form | button)
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}?show=todo&page={leads}")
    assert (saved(), drafts()) == ({}, {units[0]: "Eins", units[4]: "Fünf"})


@pytest.mark.long
def test_keeping_discarding_and_approving_one(desk: Client, text: Proposal, units: list[int], translator: User) -> None:
    """Each with its own button; what was typed elsewhere is kept, what is thrown away is not."""
    one, two, three = units[:3]
    form = fields_of(desk.get(PAGE)) | texts((one, "Eins"), (two, "Zwei"))
    assert desk.post(PAGE, form | {f"u{one}-action": "keep"})["Location"].endswith(f"unit={one}#u{one}")
    assert drafts() == {one: "Eins", two: "Zwei"}
    form = fields_of(desk.get(PAGE)) | texts((one, "Eins mehr"), (three, "Drei"))
    assert desk.post(PAGE, form | {f"u{one}-action": "discard"}).status_code == 303
    assert drafts() == {two: "Zwei", three: "Drei"}
    set_goal(text.pk, Wanted("de", 90, "Viele lesen es", wants_review=True), actor=coordinator(text), at=AT)
    translate(text.pk, "de", Typed(one, "Anders", 0, 1), editor=translator_of("other@demo.example", "de"), at=AT)
    form = fields_of(desk.get(f"{PAGE}?show=all")) | texts((one, "Noch anders"))
    assert desk.post(PAGE, form | {f"u{one}-action": "review"}).status_code == 303
    assert UnitText.objects.get(unit=one, language="de").reviewed_version == 1
    assert drafts() == {one: "Noch anders", two: "Zwei", three: "Drei"}


def test_an_edit_summary_alone_is_kept_too(desk: Client, units: list[int], translator: User) -> None:
    save_translation(units[1], "de", "Zwei", editor=translator, at=AT)
    form = fields_of(desk.get(f"{PAGE}?show=all")) | texts((units[0], "Eins"))
    assert desk.post(PAGE, form | {f"u{units[1]}-summary": "warum", f"u{units[0]}-action": "save"}).status_code == 303
    draft = TranslationDraft.objects.get()
    assert (draft.unit_id, draft.text, draft.summary) == (units[1], "Zwei", "warum")


def test_of_a_paragraph_that_has_gone_what_is_kept_can_be_discarded(
    desk: Client, text: Proposal, units: list[int], translator: User
) -> None:
    """With its button on the page of all, which keeps what was typed in the others."""
    keep(text.pk, "de", Typed(units[2], "Fort", 0, 1), editor=translator, at=AT)
    Unit.objects.filter(pk=units[2]).update(removed_in=2)
    form = fields_of(desk.get(PAGE)) | texts((units[0], "Eins"))
    assert desk.post(PAGE, form | {f"u{units[2]}-action": "discard"}).status_code == 303
    assert drafts() == {units[0]: "Eins"}


# --- meanwhile -------------------------------------------------------------------------------------------------------


def test_somebody_else_has_saved_the_one_meanwhile(desk: Client, text: Proposal, units: list[int]) -> None:
    """409 with both texts, on the page as it was; the others are kept, and say so. Sent once more it is saved."""
    one, two = units[:2]
    form = fields_of(desk.get(PAGE)) | texts((one, "Meins"), (two, "Zwei"))
    save_translation(one, "de", "Deren", editor=translator_of("other@demo.example", "de"), at=AT)
    answer = desk.post(PAGE, form | {f"u{one}-action": "next"})
    assert answer.status_code == 409
    assert shown_units(answer.content.decode()) == units
    assert copied(answer) == ["Deren"]
    assert f'href="#u{one}-text"' in answer.content.decode()
    assert (saved(), drafts()) == ({one: "Deren"}, {two: "Zwei"})
    again = fields_of(answer)
    assert (again[f"u{one}-text"], again[f"u{one}-version"], again[f"u{two}-text"]) == ("Meins", "1", "Zwei")
    assert desk.post(PAGE, again | {f"u{one}-action": "save"}).status_code == 303
    assert saved() == {one: "Meins"}


def test_what_somebody_else_has_saved_is_nobodys_typing(desk: Client, units: list[int]) -> None:
    """What stood in a field is not kept as if it had been typed there, whatever has been saved since."""
    other = translator_of("other@demo.example", "de")
    save_translation(units[1], "de", "Alt", editor=other, at=AT)
    form = fields_of(desk.get(f"{PAGE}?show=all")) | texts((units[0], "Eins"))
    save_translation(units[1], "de", "Neu", editor=other, at=AT)
    form[f"u{units[1]}-text"] = "Alt\r\n"
    assert desk.post(PAGE, form | {f"u{units[0]}-action": "save"}).status_code == 303
    assert (saved(), drafts()) == ({units[0]: "Eins", units[1]: "Neu"}, {})


@pytest.mark.long
def test_each_of_the_others_is_refused_by_itself(
    desk: Client, text: Proposal, units: list[int], translator: User
) -> None:
    """One was kept in another tab, one is too long, one was taken out: all that was typed stands on the page; what can
    be saved and kept is."""
    one, two, three, four, five = units[:5]
    keep(text.pk, "de", Typed(two, "Dort", 0, 1), editor=translator, at=AT)
    form = fields_of(desk.get(PAGE))
    form |= texts((one, "Eins"), (two, "Hier"), (three, "x" * (LONGEST_TEXT + 1)), (four, "Vier"), (five, "Fünf"))
    first = TranslationDraft.objects.get()
    keep(text.pk, "de", Typed(two, "Dort weiter", 0, 1, draft=first.token), editor=translator, at=AT)
    Unit.objects.filter(pk=four).update(removed_in=2)
    answer = desk.post(PAGE, form | {f"u{one}-action": "next"})
    assert answer.status_code == 409
    assert saved() == {one: "Eins"}
    assert drafts() == {two: "Dort weiter", five: "Fünf"}
    assert set(copied(answer)) == {"Vier", "Dort weiter"}
    again = fields_of(answer)
    assert [again[f"u{unit}-text"] for unit in (two, three, five)] == ["Hier", "x" * (LONGEST_TEXT + 1), "Fünf"]
    assert len(answer.context["problems"]) == 3
    assert "pt-work__told" in answer.content.decode(), "it says that the one is saved"
    again |= texts((three, "Drei"))
    assert desk.post(PAGE, again | {"all": "keep"}).status_code == 303
    assert drafts() == {two: "Hier", three: "Drei", five: "Fünf"}


# --- not taken -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"language": "ar"}, {"version": "x"}, {"source_version": ""}, {"draft": "x" * 99}])
def test_a_damaged_form(desk: Client, units: list[int], change: dict[str, str]) -> None:
    """400, and all that was typed stands where it was typed."""
    one, two = units[:2]
    form = fields_of(desk.get(PAGE)) | texts((one, "Eins"), (two, "Zwei"))
    for name, value in change.items():
        form |= {name: value} if name == "language" else {f"u{unit}-{name}": value for unit in (one, two)}
    answer = desk.post(PAGE, form | {f"u{one}-action": "save"})
    assert answer.status_code == 400
    again = fields_of(answer)
    assert (again[f"u{one}-text"], again[f"u{two}-text"]) == ("Eins", "Zwei")
    assert (saved(), drafts()) == ({}, {})


@pytest.mark.long
def test_nothing_is_said(desk: Client, units: list[int]) -> None:
    """An empty form is told so; one in which nothing was typed changes nothing, whatever else it names."""
    assert desk.post(PAGE, {}).status_code == 400
    assert desk.post(PAGE, {"u0-text": "x", "u-text": "y", f"u{'9' * 30}-text": "z"}).status_code == 400
    assert desk.post(PAGE, fields_of(desk.get(PAGE)) | {"all": "keep"}).status_code == 303
    strange = {f"u{10**17}-text": "Fort", f"u{10**17}-version": "0", f"u{10**17}-source_version": "0"}
    answer = desk.post(PAGE, strange)
    assert answer.status_code == 409
    assert copied(answer) == ["Fort"]
    assert (saved(), drafts()) == ({}, {})


@pytest.mark.long
def test_the_longest_texts_of_a_page_are_carried(client: Client, clock: Clock) -> None:
    """As many as a page has, each as long as it may be, in letters that take most room: multipart, as the form says."""
    text = import_page(page(long_body(PER_PAGE)), task_force="size", at=AT).proposal
    user = translator_of("t@demo.example", "de")
    client.force_login(user)
    url = "/de/tf/size/proposals/proposal/translate/"
    html = client.get(url)
    assert 'enctype="multipart/form-data"' in html.content.decode()
    form = fields_of(html)
    names = [name for name in form if name.endswith("-text")]
    assert len(names) == PER_PAGE
    form |= dict.fromkeys(names, "\U00020000" * LONGEST_TEXT)
    form |= {name: "\U00020000" * LONGEST_SUMMARY for name in form if name.endswith("-summary")}
    assert client.post(url, form | {"all": "keep"}).status_code == 303
    assert TranslationDraft.objects.count() == PER_PAGE
    assert queries.live_units(text)
    assert len(form) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS / 2


# --- who may not (any more) ------------------------------------------------------------------------------------------


def _typed(desk: Client, units: list[int]) -> dict[str, str]:
    form = fields_of(desk.get(PAGE)) | texts((units[0], "Eins"), (units[1], "Zwei"), (units[2], "Drei"))
    return form | {f"u{units[2]}-summary": "warum", f"u{units[0]}-action": "next"}


TYPED = ["Eins", "Zwei", "Drei", "warum"]


@pytest.mark.long
def test_whose_sign_in_had_ended(desk: Client, units: list[int], translator: User) -> None:
    """They sign in and find all of it in its fields, on the page as it was; it is counted as one form."""
    form = _typed(desk, units)
    desk.logout()
    answer = desk.post(PAGE, form)
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"next={PAGE}")
    assert [len(row.hits) for row in Counter.objects.filter(what=table.KEPT_FORM.what)] == [1]
    desk.force_login(translator)
    assert desk.head(PAGE).status_code == 200
    desk.get(PAGE)
    answer = desk.get(PAGE)
    again = fields_of(answer)
    assert [again[f"u{unit}-text"] for unit in units[:3]] + [again[f"u{units[2]}-summary"]] == TYPED
    assert shown_units(answer.content.decode()) == units
    assert "Formular" in next(str(message) for message in answer.context["messages"])
    assert (saved(), drafts()) == ({}, {})
    assert desk.post(PAGE, again | {f"u{units[0]}-action": "save"}).status_code == 303
    assert (saved(), drafts()) == ({units[0]: "Eins"}, {units[1]: "Zwei", units[2]: "Drei"})
    assert fields_of(desk.get(f"{PAGE}?show=all"))[f"u{units[1]}-text"] == "Zwei"


def test_it_is_there_until_it_is_sent(desk: Client, units: list[int], translator: User) -> None:
    """Whoever loads the page again, or asks for another list, finds it; what a script sends of one goes alone."""
    form = _typed(desk, units)
    desk.logout()
    desk.post(PAGE, form)
    desk.force_login(translator)
    assert shown_units(desk.get(f"{PAGE}?show=missing").content.decode()) == units, "first as it was"
    missing = desk.get(f"{PAGE}?show=missing&unit={units[0]}")
    assert fields_of(missing)[f"u{units[1]}-text"] == "Zwei"
    assert copied(desk.get(f"{PAGE}?show=outdated")) == []
    alone = {"text": "Anders", "version": "0", "source_version": "1", "language": "de", "action": "keep"}
    assert desk.post(f"{PAGE}{units[1]}/", alone).status_code == 303
    assert fields_of(desk.get(PAGE))[f"u{units[1]}-text"] == "Zwei", "its own page had another one"
    alone |= {"draft": TranslationDraft.objects.get().token, "text": "Zwei", "action": "save", "place": "list"}
    assert desk.post(f"{PAGE}{units[1]}/", alone, headers={"accept": "application/json"}).status_code == 200
    again = fields_of(desk.get(PAGE))
    assert [again[f"u{unit}-text"] for unit in (units[0], units[2])] == ["Eins", "Drei"]
    assert units[1] not in shown_units(desk.get(PAGE).content.decode())
    Unit.objects.filter(pk=units[2]).update(removed_in=2)
    again = fields_of(desk.get(PAGE))
    assert desk.post(PAGE, again | {f"u{units[0]}-action": "save"}).status_code == 303
    answer = desk.get(PAGE)
    assert copied(answer) == ["Drei", "warum"], "which no form has"
    assert shown_units(answer.content.decode()), "beside what there is to do"


def test_nothing_typed_is_nothing_kept_for_the_sign_in(desk: Client, units: list[int]) -> None:
    form = fields_of(desk.get(PAGE))
    desk.logout()
    assert desk.post(PAGE, form | {"all": "keep"}).status_code == 302
    assert not Counter.objects.filter(what=table.KEPT_FORM.what).exists()


@pytest.mark.long
def test_signed_out_and_the_page_has_changed(desk: Client, units: list[int], translator: User) -> None:
    """What was taken out meanwhile, or was typed for another language, is there to be copied; somebody else who signs
    in gets nothing."""
    form = _typed(desk, units)
    desk.logout()
    desk.post(PAGE, form)
    other = translator_of("other@demo.example", "de")
    desk.force_login(other)
    assert copied(desk.get(PAGE)) == []
    assert "Zwei" not in desk.get(PAGE).content.decode()
    desk.logout()
    desk.post(PAGE, form)
    Unit.objects.filter(pk=units[1]).update(removed_in=2)
    desk.force_login(translator)
    answer = desk.get(PAGE)
    assert copied(answer) == ["Zwei"]
    assert fields_of(answer)[f"u{units[0]}-text"] == "Eins"
    desk.logout()
    desk.post(PAGE, form)
    desk.force_login(translator)
    assert copied(desk.get(address("ar"))) == TYPED


@pytest.mark.long
def test_whatever_refuses_it_gives_all_of_it_back(desk: Client, units: list[int], translator: User) -> None:
    """A stale token, a role that has ended (also while they were signed out), too much at once, too many forms."""
    form = _typed(desk, units)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(translator)
    answer = strict.post(PAGE, form | {"csrfmiddlewaretoken": "x"})
    assert (answer.status_code, copied(answer)) == (403, TYPED)
    assert "<strong>1 · " in answer.content.decode()
    desk.logout()
    desk.post(PAGE, form)
    RoleGrant.objects.all().delete()
    desk.force_login(translator)
    answer = desk.get(PAGE)
    assert (answer.status_code, copied(answer)) == (403, TYPED)
    answer = desk.post(PAGE, form)
    assert (answer.status_code, copied(answer)) == (403, TYPED)
    desk.logout()
    long = form | {f"u{unit}-text": "x" * LONGEST_TEXT for unit in units[:6]}
    answer = desk.post(PAGE, long)
    assert (answer.status_code, len(copied(answer))) == (403, 7)
    answers = [desk.post(PAGE, form) for _ in range(table.KEPT_FORM.most)]
    assert (answers[-1].status_code, copied(answers[-1])) == (429, TYPED)
    assert signed_out.OWNER in form


def test_staff_without_their_second_step(client: Client, text: Proposal, units: list[int]) -> None:
    """Are led to it, with all that they had typed."""
    leader = create_account("leader@demo.example", at=AT, name="Leader", password="demo")
    grant_role(leader, Role.COORDINATOR, at=AT, actor_id=None)
    client.force_login(leader)
    form = _typed(client, units)
    client.logout()
    client.post(PAGE, form)
    client.force_login(leader)
    assert fields_of(client.get(PAGE))[f"u{units[1]}-text"] == "Zwei"


# --- for its script --------------------------------------------------------------------------------------------------


def test_a_script_gets_a_unit_as_the_page_has_it(desk: Client, units: list[int]) -> None:
    """From the unit's own address, with the names of the page that asks; without a script the unit's own page comes."""
    sent = {"text": "Eins", "version": "0", "source_version": "1", "language": "de", "place": "list"}
    own = address(unit=units[0])
    answer = desk.post(own, sent, headers={"Accept": "application/json"})
    assert f'name="u{units[0]}-text"' in answer.json()["unit"]
    assert "<form" not in answer.json()["unit"]
    answer = desk.post(own, sent | {"text": "Anders"}, headers={"Accept": "application/json"})
    assert (answer.status_code, f'name="u{units[0]}-version" value="1"' in answer.json()["unit"]) == (409, True)
    answer = desk.post(own, sent | {"text": "Anders"})
    assert 'name="text"' in answer.content.decode()
    assert desk.post(own, {**sent, "version": "1", "place": "one"}).status_code == 303


# --- how much it asks of the database --------------------------------------------------------------------------------


@pytest.mark.long
def test_the_same_number_of_queries_however_much_was_typed(client: Client, clock: Clock) -> None:
    """In two paragraphs of a short text, in all of a page of a long one; saved, and refused."""
    counts = []
    for number, typed in ((10, 2), (90, PER_PAGE)):
        text = import_page(page(long_body(number)), task_force=f"size-{number}", at=AT).proposal
        user, other = (translator_of(f"{name}{number}@demo.example", "de") for name in "to")
        client.force_login(user)
        url = f"/de/tf/size-{number}/proposals/proposal/translate/"
        form = fields_of(client.get(url))
        units = [unit.pk for unit in queries.live_units(text)][:typed]
        form |= texts(*((unit, f"Text {unit}") for unit in units))
        for action in ("next", "save"):
            with CaptureQueriesContext(connection) as found:
                answer = client.post(url, form | {f"u{units[0]}-action": action})
            counts.append((answer.status_code, len(found)))
            save_translation(units[0], "de", "Deren", editor=other, at=AT)
    assert counts[:2] == counts[2:]
    assert [status for status, _count in counts] == [303, 409] * 2
    # The session, the person and their roles, the transactions, the revision, the log among them.
    assert max(count for _status, count in counts) <= 60
    assert TranslationDraft.objects.count() == 1 + PER_PAGE - 1
