"""What was sent signed out from one tab does not cost what was sent from another."""

import pytest

from proposals.models import Proposal
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from tests.accounts.entering import BASE, LOGIN, by_password, somebody
from tests.clients import Client
from tests.proposals.editing import Desk, coordinator, piece_with, section_of
from tests.proposals.test_edit_pages import LISTENS, owner_of
from tests.proposals.test_sheet import PAGE, fields_of
from tests.proposals.test_sheet import desk as desk
from tests.proposals.test_sheet import translator as translator
from tests.proposals.test_sheet import units as units
from tests.proposals.test_translating import address
from tests.proposals.test_typed_signed_out import after_half_an_hour

ACCOUNT, DELETION = f"{BASE}email/", f"{BASE}deletion/"


def _sent(unit: int, text: str, form: dict[str, str]) -> dict[str, str]:
    fields = {name: value for name, value in form.items() if name != "action"}
    return fields | {f"u{unit}-text": text, f"u{unit}-action": "save"}


def _stands(desk: Client, page: str, unit: int) -> str:
    """What stands in a paragraph's field."""
    return fields_of(desk.get(page))[f"u{unit}-text"]


def test_two_paragraphs(desk: Client, units: list[int], translator: User) -> None:
    """Both are in their fields, each with the version on which it was typed."""
    first, second, *_others = units
    form = fields_of(desk.get(PAGE))
    later = form | {f"u{first}-version": "7"}
    desk.logout()
    desk.post(PAGE, _sent(first, "Erster Tab", form))
    desk.post(PAGE, _sent(second, "Zweiter Tab", later))
    desk.force_login(translator)
    shown = fields_of(desk.get(PAGE))
    assert (shown[f"u{first}-text"], shown[f"u{second}-text"]) == ("Erster Tab", "Zweiter Tab")
    assert shown[f"u{first}-version"] == form[f"u{first}-version"]


def test_one_paragraph_twice(desk: Client, units: list[int], translator: User) -> None:
    """The newest first; once it is sent, the other, with all that was written there."""
    unit, other, *_others = units
    form = fields_of(desk.get(PAGE))
    desk.logout()
    desk.post(PAGE, _sent(unit, "Erster Tab", form | {f"u{other}-text": "Auch im ersten"}))
    desk.post(PAGE, _sent(unit, "Zweiter Tab", form))
    desk.force_login(translator)
    assert _stands(desk, PAGE, unit) == "Zweiter Tab"
    assert desk.post(PAGE, _sent(unit, "Zweiter Tab", form)).status_code == 303
    shown = fields_of(desk.get(PAGE))
    assert (shown[f"u{unit}-text"], shown[f"u{other}-text"]) == ("Erster Tab", "Auch im ersten")


def test_a_field_emptied_in_the_other_tab(text: Proposal) -> None:
    """Both are kept: the words do not get the place from which they were taken meanwhile."""
    editing = Desk(coordinator(text))
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    form = {**editing.fields(tail), "owner": owner_of(editing.get(tail).content.decode()), "act": "save"}
    editing.client.logout()
    for said in ("Words", ""):
        editing.post(tail, {**form, f"text-{piece.key}": said})
    kept = [one["typed"][f"text-{piece.key}"] for one in editing.client.session["typed_signed_out"]]
    assert kept == ["Words", ""]


@pytest.mark.django_db
def test_what_was_kept_before_pages_had_places(client: Client) -> None:
    """It is too old, and breaks nothing."""
    session = client.session
    session["typed_signed_out"] = {"page": "account_deletion", "typed": {"reason": "x"}}
    session.save()
    assert client.get(f"{LOGIN}?next={DELETION}").status_code == 200
    assert "typed_signed_out" not in client.session


def test_two_languages(desk: Client, units: list[int], translator: User) -> None:
    """Each page has its own."""
    arabic = address("ar")
    german_form, arabic_form = fields_of(desk.get(PAGE)), fields_of(desk.get(arabic))
    desk.logout()
    desk.post(PAGE, _sent(units[0], "Deutsch", german_form))
    desk.post(arabic, _sent(units[0], "عربي", arabic_form))
    desk.force_login(translator)
    assert (_stands(desk, PAGE, units[0]), _stands(desk, arabic, units[0])) == ("Deutsch", "عربي")


@pytest.mark.django_db
def test_two_forms_of_a_page(client: Client) -> None:
    """And then one of them once more, which takes nothing from the other."""
    user = somebody()
    mark = {"owner": signed_out.owner_mark(user)}
    client.post(ACCOUNT, {"action_add": "", "email": "first@example.org", **mark})
    client.post(f"{BASE}profile/", {"name": "A name typed", "language": "fr", "zone": "Asia/Tokyo", **mark})
    client.post(ACCOUNT, {"action_add": "", "email": "first@example.org", **mark})
    by_password(client, user)
    page = client.get(ACCOUNT).content.decode()
    assert "first@example.org" in page
    assert "A name typed" in page


@pytest.mark.django_db
def test_after_half_an_hour_its_words_are_nowhere(client: Client) -> None:
    """That there was something is kept, so that its person can be told."""
    user = somebody()
    client.post(DELETION, {"reason": "A secret reason", "owner": signed_out.owner_mark(user)})
    assert "A secret reason" in str(dict(client.session))
    after_half_an_hour(client)
    client.get("/en/")
    client.get(f"{LOGIN}?next={DELETION}")
    assert "A secret reason" not in str(dict(client.session))
    by_password(client, user)
    assert "is gone: please type it again" in client.get(DELETION).content.decode()


@pytest.mark.django_db
def test_a_page_that_an_update_has_taken_away(client: Client) -> None:
    """The sign-in is there all the same."""
    client.post(DELETION, {"reason": "x", "owner": signed_out.owner_mark(somebody())})
    session = client.session
    session["typed_signed_out"] = [one | {"page": "account_no_longer"} for one in session["typed_signed_out"]]
    session.save()
    assert client.get(f"{LOGIN}?next={DELETION}").status_code == 200
