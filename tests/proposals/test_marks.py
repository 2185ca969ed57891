"""What is said of a paragraph that readers of a language have not, or have as it was, and the way to translating."""

import re

import pytest

from proposals import queries
from proposals.models import Proposal, Unit
from proposals.services import drafts, lives, save_translation
from proposals.services.drafts import Typed
from taskforce.accounts.models import User
from tests.clients import Client
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, piece_with, published

PAGE = f"tf/{T}/proposals/proposal/"


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def unit_on(client: Client, address: str, unit: int) -> str:
    """A paragraph with what stands beside it."""
    page = client.get(address).content.decode()
    at = page.index(f'id="u-{unit}"')
    end = re.compile(r"</li>|\n *</div>\n").search(page, at)
    assert end
    return page[page.rindex("<", 0, at) : end.start()]


def test_a_translation_of_an_older_source_for_another_language(text: Proposal, editor: User, client: Client) -> None:
    """Simplified Chinese has the traditional text, which is outdated: that is said, with the source as it is now."""
    piece = piece_with(text, "Write a definition")
    assert piece.unit
    save_translation(piece.unit, "zh-hant", "寫一個定義", editor=editor, at=AT)
    before = unit_on(client, f"/zh-hans/{PAGE}", piece.unit)
    assert "寫一個定義" in before
    assert "pt-unit--outdated" not in before
    drafts.save(text.pk, {piece.key: Typed("Burn a definition", None, piece.token)}, None, editor=editor, at=AT)
    revision = published(text, editor)
    for address in (PAGE, f"{PAGE}r/{revision.number}/", f"{PAGE}u/{piece.unit}/"):
        made = unit_on(client, f"/zh-hans/{address}", piece.unit)
        assert "寫一個定義" in made
        assert "pt-unit--untranslated pt-unit--outdated" in made
        assert made.count("pt-unit__mark") == 1
        assert "Burn a definition" in made[made.index("pt-unit__newer") :]
    save_translation(piece.unit, "zh-hant", "燒一個定義", editor=editor, at=AT)
    assert "pt-unit--outdated" not in unit_on(client, f"/zh-hans/{PAGE}", piece.unit)


def ways(page: str) -> list[int]:
    """The units from which the text leads to translating, in order, each link to its own unit."""
    found = re.findall(r'translate/\?unit=(\d+)#u(\d+)"', page[page.index("<article") : page.index("</article>")])
    assert all(unit == again for unit, again in found)
    return [int(unit) for unit, _again in found]


def test_each_of_a_run_leads_to_translating(text: Proposal, editor: User, client: Client) -> None:
    """The sentence once, the way from each; the name of the link is that of the page to which it leads."""
    page = client.get(f"/ar/{PAGE}").content.decode()
    reading = queries.page(text, "ar")
    missing = [
        unit.id for unit in reading.units()
        if unit.is_missing and not any(each.has_common_name and each.heading is unit for each in reading.sections)
    ]  # fmt: skip
    assert ways(page) == missing
    assert len(set(missing)) == len(missing) > len(re.findall("pt-unit__mark", page)) > 1
    unit = piece_with(text, "Draft a plan").unit
    (name,) = re.findall(rf'unit={unit}#u{unit}" rel="nofollow" lang="ar" aria-label="ترجمة · ([^"]+)"', page)
    desk = Desk(editor)
    work = desk.client.get(f"/ar/{PAGE}translate/?unit={unit}").content.decode()
    assert re.search(rf'id="u{unit}-h">\s*{re.escape(name)}\s', work)
    # Who signs in reads the same bytes.
    assert desk.client.get(f"/ar/{PAGE}").content.decode() == page


def test_where_nobody_translates(text: Proposal, editor: User, client: Client) -> None:
    """What is past, what is not published yet, and what has ended lead nowhere."""
    assert ways(client.get(f"/ar/{PAGE}r/1/").content.decode()) == []
    assert ways(Desk(editor).get("preview/", "ar").content.decode()) == []
    lives.withdraw(text.pk, reasons={"en": "No."}, editor=editor, at=AT)
    assert ways(client.get(f"/ar/{PAGE}").content.decode()) == []


def test_titles_in_lists(text: Proposal, editor: User, client: Client) -> None:
    """A text has the same title in lists as on its page: without one in the reader's chain that of its source."""
    title = Unit.objects.get(proposal=text, kind="title")
    for code in ("ar", "de"):
        save_translation(title.pk, code, f"Title in {code}", editor=editor, at=AT)
    for code, expected in (("hi", "示範小組"), ("ar", "Title in ar")):
        assert queries.title_of(text, code).text == expected
        assert [one.title.text for one in queries.titles(text.task_force, code)] == [expected]
        own = queries.page(text, code).title
        assert own
        assert own.plain == expected
        card = client.get(f"/{code}/tf/{T}/").content.decode()
        assert expected in card[card.index("pt-card__title") :].split("</h3>")[0]


def test_a_paragraph_of_a_text_that_has_ended(text: Proposal, editor: User, client: Client) -> None:
    """Its page says so, and leads no more to where nobody can translate."""
    address = f"/ar/{PAGE}u/{piece_with(text, 'Write a definition').unit}/"
    assert "translate/?unit" in client.get(address).content.decode()
    lives.withdraw(text.pk, reasons={"en": "We stop here."}, editor=editor, at=AT)
    page = client.get(address).content.decode()
    assert "translate/?unit" not in page
    assert "We stop here." in page
