"""Translators hear once that the original has changed: one mail each, however many paragraphs, and none for others."""

from contextlib import suppress
from datetime import timedelta

import pytest

from proposals import queries
from proposals.models import Proposal, UnitText
from proposals.services import (
    AlreadyImported,
    drafts,
    import_page,
    save_translations,
    source_versions,
    tell_translators,
)
from proposals.services.drafts import Typed as Changed
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage
from tests.conftest import utc
from tests.proposals.conftest import T
from tests.proposals.editing import piece_with, published
from tests.proposals.pages import BODY, page

AT = utc(2022, 2, 6, 9, 30)
ITEMS = ("Write a definition", "Draft a plan")


def _person(name: str, *codes: str, role: Role = Role.TRANSLATOR) -> User:
    user = create_account(f"{name}@demo.example", at=AT, name=name, language="en", password="demo")
    for code in codes:
        grant_role(user, role, at=AT, actor_id=None, language=code)
    return user


def _units() -> list[int]:
    return [UnitText.objects.get(text=said, language="en").unit_id for said in ITEMS]


def _changed(text: Proposal, editor: User, word: str, units: list[int]) -> int:
    """Change the source of these units and tell; returns how many were told."""
    before = source_versions(text)
    texts = {unit: f"{UnitText.objects.get(unit=unit, language='en').text} {word}" for unit in units}
    revision = save_translations(text.pk, "en", texts, editor=editor, at=AT)
    assert revision is not None
    return tell_translators(text, revision, before, at=AT, by_id=editor.pk)


def _waiting() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind="translation-outdated", state=MessageState.QUEUED).order_by("pk"))


@pytest.fixture
def editor(text: Proposal) -> User:
    return _person("editor", "", role=Role.COORDINATOR)


def _translate(text: Proposal, editor: User, *codes: str) -> None:
    for code in codes:
        save_translations(text.pk, code, {unit: f"{code} {unit}" for unit in _units()}, editor=editor, at=AT)


def test_one_mail_to_each_translator(text: Proposal, editor: User) -> None:
    """With all their languages and how many paragraphs; not to those of other languages, nor to who made the change."""
    both = _person("both", "de", "fr")
    for name, code in (("one", "de"), ("other", "es")):
        _person(name, code)
    grant_role(editor, Role.TRANSLATOR, at=AT, actor_id=None, language="de")
    _translate(text, editor, "de", "fr")
    assert _changed(text, editor, "now", _units()) == 2
    found = {mail.mailbox: mail for mail in _waiting()}
    assert set(found) == {both.email, "one@demo.example"}
    lines = found[both.email].context["lines"]
    assert [(line["name"], line["count"]) for line in lines] == [("Deutsch", 2), ("français", 2)]
    assert "/de/tf/sample/proposals/proposal/translate/?show=outdated" in lines[0]["url"]
    assert found[both.email].not_before - found[both.email].created_at > timedelta(0)


def test_quick_changes_make_one_mail(text: Proposal, editor: User) -> None:
    """The later one says all; after it has gone, the next change is a mail again."""
    _person("one", "de")
    _translate(text, editor, "de")
    first, second = _units()
    _changed(text, editor, "a", [first])
    _changed(text, editor, "b", [second])
    assert [line["count"] for mail in _waiting() for line in mail.context["lines"]] == [2]
    (gone,) = _waiting()
    OutboxMessage.objects.filter(pk=gone.pk).update(state=MessageState.SENT)
    save_translations(text.pk, "de", {first: "neu", second: "auch"}, editor=editor, at=AT)
    assert _changed(text, editor, "c", [first]) == 1
    (later,) = _waiting()
    assert later.pk != gone.pk
    assert [line["count"] for line in later.context["lines"]] == [1]


def test_nobody_hears_of_what_outdates_nothing(text: Proposal, editor: User) -> None:
    """A minor change, a unit that nobody has translated, and one that was outdated before."""
    _person("one", "de")
    _translate(text, editor, "de")
    first, second = _units()
    before = source_versions(text)
    revision = save_translations(text.pk, "en", {first: "Minor"}, editor=editor, at=AT)
    assert revision is not None
    row = UnitText.objects.get(unit=first, language="de")
    row.source_version = UnitText.objects.get(unit=first, language="en").version
    row.save()
    assert tell_translators(text, revision, before, at=AT) == 0
    assert _changed(text, editor, "a", [second]) == 1
    assert _changed(text, editor, "b", [second]) == 0
    untranslated = [unit.pk for unit in queries.live_units(text) if unit.pk not in (first, second)][:1]
    before = source_versions(text)
    revision = save_translations(text.pk, "zh-hant", {untranslated[0]: "新"}, editor=editor, at=AT)
    assert revision is not None
    assert tell_translators(text, revision, before, at=AT) == 0


def test_publishing_a_draft_tells(text: Proposal, editor: User) -> None:
    """Unless it is said to be minor."""
    _person("one", "de")
    _translate(text, editor, "de")
    said = ITEMS[0]
    for is_minor, mails in ((True, 0), (False, 1)):
        piece = piece_with(text, said)
        said = f"{said} now"
        drafts.save(text.pk, {piece.key: Changed(said, None, piece.token)}, None, editor=editor, at=AT)
        published(text, editor, is_minor=is_minor)
        assert len(_waiting()) == mails


def test_an_import_tells_too(text: Proposal, editor: User) -> None:
    """Once, and of what it outdated; an import that changes nothing of what is translated tells nobody."""
    _person("one", "de")
    _translate(text, editor, "de")
    changed = BODY.replace("Draft a plan", "Draft two plans")
    for number, body in enumerate((BODY.replace("More would help", "More helps"), changed, changed + "\n"), start=7):
        header = {"at": f"09:00, {number} February 2022", "summary": f"({number})"}
        with suppress(AlreadyImported):
            import_page(page(body, **header), task_force=T, at=AT)
        assert len(_waiting()) == (number >= 8)
