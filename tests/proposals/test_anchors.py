"""Links to sections and paragraphs lead there wherever these move, in every language and in every revision."""

import re
from functools import partial
from importlib import import_module

import pytest
from django.db import connection

from proposals.models import Proposal, Section
from proposals.services import buttons, drafts
from taskforce.accounts.models import User
from taskforce.core import languages
from tests.clients import Client
from tests.proposals.conftest import T
from tests.proposals.editing import AT, coordinator, copy_of, piece_with, published

HEADING = "Details"
migration = import_module("proposals.migrations.0006_section_anchors")


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def read(client: Client, tail: str = "", language: str = "en") -> str:
    response = client.get(f"/{language}/tf/{T}/proposals/proposal/{tail}")
    assert response.status_code == 200
    made: str = response.content.decode()
    ids = re.findall(r'\bid="([^"]+)"', made)
    assert len(ids) == len(set(ids))
    return made


def move_up(text: Proposal, editor: User, heading: str) -> None:
    """The section with this heading, one place; published."""
    key = next(part.key for part in copy_of(text).shown if part.heading and part.heading.text == heading)
    drafts.change(text.pk, partial(buttons.part_up, key=key), editor=editor, at=AT)
    published(text, editor)


def contents(made: str) -> list[str]:
    listed = made[made.index('aria-labelledby="contents"') :].split("</nav>")[0]
    return re.findall(r'href="#([^"]+)"', listed)


def place(made: str, anchor: str) -> str:
    """What stands behind an id."""
    return re.sub(r"<[^>]*>", " ", made[made.index(f'id="{anchor}"') :].split("</h2>")[0]).split(">", 1)[1]


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_section_that_moves_keeps_its_address(text: Proposal, editor: User, client: Client, language: str) -> None:
    """Now and in each revision: where the contents lead is the same, in another order."""
    anchor = f"u-{piece_with(text, HEADING).unit}"
    before = contents(read(client, "", language))
    move_up(text, editor, HEADING)
    after = read(client, "", language)
    assert contents(after) == [before[1], before[0], *before[2:]]
    assert contents(after)[0] == anchor
    for tail, order in (("r/1/", before), ("r/2/", contents(after))):
        made = read(client, tail, language)
        assert contents(made) == order
        assert HEADING in place(made, anchor)
    assert HEADING in place(after, anchor)


@pytest.mark.long
def test_links_by_position_lead_where_they_led(text: Proposal, editor: User, client: Client) -> None:
    """Sections know the position that they had when such links were given out; newer ones had none."""
    with connection.cursor() as cursor:
        cursor.execute(migration.KEEP)
    move_up(text, editor, HEADING)
    drafts.change(text.pk, buttons.add_part("Added later", "text", ""), editor=editor, at=AT)
    published(text, editor)
    made = read(client)
    assert re.findall(r'<section class="pt-section"(?: id="([^"]+)")?>', made) == ["s-2", "s-1", "s-3", "s-4", ""]
    assert HEADING in place(made, "s-2")
    # The page of a revision has its positions for ever.
    assert HEADING in place(read(client, "r/1/"), "s-2")
    assert HEADING in place(read(client, "r/2/"), "s-1")


def test_sections_that_no_old_link_leads_to_have_no_such_address(text: Proposal, client: Client) -> None:
    assert not Section.objects.exclude(was_at=None).exists()
    assert 'id="s-' not in read(client)


def test_a_note_has_the_address_of_its_unit_too(text: Proposal, editor: User, client: Client) -> None:
    """Its number may be another note's some day; the text finds it by its number all the same."""
    note = piece_with(text, "A short note.").unit
    for tail in ("", "r/1/"):
        for language in languages.CODES[:3]:
            item = read(client, tail, language).split(f'id="u-{note}"')[1].split("</li>")[0]
            assert 'id="note-1"' in item
            # A current text leads on to the page of the unit, an earlier revision has none.
            assert ("/u/{}/#more" if not tail else 'href="#u-{}"').format(note) in item


def test_two_notes_with_one_number(text: Proposal, client: Client) -> None:
    """As a page may be brought in: the number leads to the first, and no id stands twice."""
    note = text.units.get(kind="note")
    last = text.units.order_by("-position")[0]
    twin = text.units.create(
        section=note.section, position=last.position + 1, kind="note", number=1, source_language="en"
    )
    twin.texts.create(language="en", text="Another.", html="Another.")
    assert read(client).count('id="note-1"') == 1
