"""How the text of the model case comes about: an archived wiki page, then translations by several people."""

import json
from datetime import datetime

from proposals import services as proposals
from proposals import wikipage
from proposals.models import UnitText
from taskforce.portal.scenarios.world import HERE, SLUG, World

PAGE = HERE / "page.zh-hant.txt"


def import_the_page(world: World, at: datetime) -> None:
    """The page as it was archived on the wiki, half of it translated."""
    page = wikipage.read(PAGE.read_bytes())
    imported = proposals.import_page(page, task_force=SLUG, at=at, actor_id=world.people["coordinator"].pk)
    world.proposals["proposal"] = imported.proposal


def translate_into_english(world: World, at: datetime) -> None:
    """English is complete before the feedback begins."""
    _translate(world, "en", "coordinator", at)


def translate_one_paragraph(world: World, at: datetime) -> None:
    """A translator saves one paragraph more of the Chinese page, as on the real page on that day."""
    _translate(world, "zh-hant", "translator", at, most=1)


def translate_the_beginning_into_arabic(world: World, at: datetime) -> None:
    """Arabic has begun."""
    _translate(world, "ar", "translator", at)


def _translate(world: World, language: str, editor: str, at: datetime, most: int | None = None) -> None:
    known: dict[str, str] = json.loads((HERE / "translations.json").read_text("utf-8"))[language]
    proposal = world.proposals["proposal"]
    sources = UnitText.objects.filter(unit__proposal=proposal, source_version=None).order_by("unit__position")
    texts = {row.unit_id: known[row.text] for row in sources if row.text in known and row.language != language}
    some = dict(list(texts.items())[:most])
    proposals.save_translations(proposal.pk, language, some, editor=world.people[editor], at=at)
