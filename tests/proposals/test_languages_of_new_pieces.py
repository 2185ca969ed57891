"""In which language something new is written: that of what stands beside it, until somebody chooses, until it is
published."""

import pytest

from proposals import queries
from proposals.models import Proposal, Unit, UnitText
from proposals.services import buttons, drafts
from proposals.services.drafts import ChangedMeanwhile, Typed
from taskforce.accounts.models import User
from taskforce.core.errors import Invalid
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, published, section_of
from tests.proposals.test_edit_pages import sent_signed_out

LISTENS, WORK = "這個小組提出建議，也聽取意見。", "Some work is done already.[1] More would help."
CHOICE = "Language in which it is written"


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def new_key(text: Proposal) -> str:
    """The key of the one piece into which nobody has written yet."""
    (found,) = [piece.key for piece in copy_of(text).pieces() if not piece.text and not piece.is_dates]
    return found


@pytest.mark.parametrize(("beside", "language"), [(WORK, "en"), (LISTENS, "zh-hant")])
def test_a_new_paragraph_is_in_the_language_of_what_stands_before_it(
    text: Proposal, editor: User, beside: str, language: str
) -> None:
    """Whatever language the title has; also behind the dates, and of two languages in one section the nearer one."""
    desk = Desk(editor)
    assert desk.press(section_of(text, beside), "new").status_code == 303
    key = new_key(text)
    assert copy_of(text).piece(key).language == language
    desk.press(section_of(text, beside), "save", **{f"text__{key}": "Words.", f"language__{key}": "ar"})
    drafts.change(text.pk, lambda copy: buttons.add_after(copy, key), editor=editor, at=AT)
    assert copy_of(text).piece(new_key(text)).language == "ar"


def test_behind_the_dates(text: Proposal, editor: User) -> None:
    part = next(part for part in copy_of(text).shown if part.kind == "timeline")
    dates = next(piece for piece in part.pieces if piece.is_dates)
    drafts.change(text.pk, lambda copy: buttons.add_after(copy, dates.key), editor=editor, at=AT)
    assert copy_of(text).piece(new_key(text)).language == part.pieces[part.pieces.index(dates) - 1].language


@pytest.mark.long
def test_it_is_chosen_until_it_is_published(text: Proposal, editor: User) -> None:
    """Only of what is new there is a choice; percents count it in the language that was chosen."""
    desk, tail = Desk(editor), section_of(text, WORK)
    assert CHOICE not in desk.get(tail).content.decode()
    before = queries.percent(text)
    desk.press(tail, "new")
    key = new_key(text)
    page = desk.get(tail).content.decode()
    assert page.count(CHOICE) == 1
    assert f'name="language-{key}"' in page
    assert desk.press(tail, "save", **{f"text__{key}": "مرحبا", f"language__{key}": "xx"}).status_code == 200
    assert desk.press(tail, "save", **{f"text__{key}": "مرحبا", f"language__{key}": "ar"}).status_code == 303
    page = desk.get(tail).content.decode()
    assert 'lang="ar" dir="auto"' in page.split(f'name="text-{key}"')[1].split(">")[0]
    published(text, editor)
    unit = UnitText.objects.get(text="مرحبا").unit
    assert unit.source_language == "ar"
    assert queries.percent(text)["ar"] > before["ar"]
    assert queries.percent(text)["zh-hant"] < before["zh-hant"]
    assert CHOICE not in desk.get(tail).content.decode()
    desk.press(tail, "save", **{f"text__u{unit.pk}": "مرحبا!", f"language__u{unit.pk}": "en"})
    published(text, editor)
    assert Unit.objects.get(pk=unit.pk).source_language == "ar"


@pytest.mark.long
def test_two_who_choose_and_write(text: Proposal, editor: User) -> None:
    """What one has chosen is not undone by what another one types unseen; who typed nothing is in nobody's way."""
    desk, tail = Desk(editor), section_of(text, WORK)
    desk.press(tail, "new")
    key = new_key(text)
    shown = desk.fields(tail)
    desk.post(tail, {**shown, f"language-{key}": "ar", "act": "save"})
    assert copy_of(text).piece(key).language == "ar"
    assert desk.post(tail, {**shown, "act": "save"}).status_code == 303
    assert copy_of(text).piece(key).language == "ar"
    refused = desk.post(tail, {**shown, f"text-{key}": "Words.", "act": "save"})
    assert refused.status_code == 409
    assert copy_of(text).piece(key).text == ""
    token = copy_of(text).piece(key).token
    drafts.save(text.pk, {key: Typed("Words.", None, token, "de")}, None, editor=editor, at=AT)
    with pytest.raises(ChangedMeanwhile):
        drafts.save(text.pk, {key: Typed("Words.", None, token, "fr")}, None, editor=editor, at=AT)
    with pytest.raises(Invalid, match="not a language"):
        drafts.save(text.pk, {key: Typed("W", None, copy_of(text).piece(key).token, "xx")}, None, editor=editor, at=AT)


@pytest.mark.long
def test_what_was_joined_has_its_language(text: Proposal, editor: User) -> None:
    """With it come translations, which are of that language's words."""
    desk, tail = Desk(editor), section_of(text, WORK)
    piece = piece_with(text, WORK)
    desk.press(tail, f"add:{piece.key}")
    key = new_key(text)
    desk.press(tail, f"up:{key}", **{f"text__{key}": "First."})
    assert f'name="language-{key}"' in desk.get(tail).content.decode()
    shown = desk.fields(tail)
    desk.press(tail, f"merge:{key}")
    assert f'name="language-{key}"' not in desk.get(tail).content.decode()
    # Whoever had the page open and typed elsewhere in it is in nobody's way.
    other = next(name for name in shown if name.startswith("text-u") and name != f"text-{piece.key}")
    answer = desk.post(tail, {**shown, other: "Else.", "act": "save"})
    assert answer.status_code == 303
    token = copy_of(text).piece(key).token
    drafts.save(text.pk, {key: Typed("Other words.", None, token, "ar")}, None, editor=editor, at=AT)
    assert copy_of(text).piece(key).language == "en"


@pytest.mark.parametrize(
    ("chosen", "after", "language"), [("", "", "last"), ("", WORK, "en"), ("", LISTENS, "zh-hant"), ("ar", WORK, "ar")]
)
def test_a_new_section(text: Proposal, editor: User, chosen: str, after: str, language: str) -> None:
    """In the language of the section before it; the form says so, and something else can be chosen."""
    desk, parts = Desk(editor), copy_of(text).shown
    last = parts[-1].pieces[0].language
    assert desk.get().context["form"]["language"].value() == last
    place = copy_of(text).place(piece_with(text, after).key)[0].key if after else ""
    sent = {"act": "new", "heading": "New", "kind": "text", "after": place, "language": chosen}
    assert desk.post("", sent).status_code == 303
    assert piece_with(text, "New").language == (last if language == "last" else language)
    assert desk.post("", sent | {"language": "xx"}).status_code == 200


def test_what_was_chosen_signed_out_is_back(text: Proposal, editor: User) -> None:
    """With what was typed: both are one."""
    desk, tail = Desk(editor), section_of(text, WORK)
    desk.press(tail, "new")
    key = new_key(text)
    sent_signed_out(desk, tail, desk.fields(tail) | {f"text-{key}": "مرحبا", f"language-{key}": "ar", "act": "save"})
    desk.client.force_login(editor)
    page = desk.get(tail)
    assert page.context["form"][f"language-{key}"].value() == "ar"
    assert page.context["form"][f"text-{key}"].value() == "مرحبا"
