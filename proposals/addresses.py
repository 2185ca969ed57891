"""Where things of a text are to be read: a revision, a paragraph, what a revision changed."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import override

from proposals.models import Proposal
from taskforce.core import languages
from taskforce.timeline import describe


def difference_url(proposal: Proposal, old: int, new: int, language: str = "") -> str:
    """The page of the difference between two revisions, in a language (default: the active one)."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, "old": old, "new": new}
    if not language:
        return reverse("proposals:difference", kwargs=names)
    with override(language):
        return reverse("proposals:difference", kwargs=names)


class Link(NamedTuple):
    """A difference in one language: the language's own name, marked as being in it, and the page."""

    language: str
    name: SafeString
    url: str


def link(proposal: Proposal, old: int, new: int, language: str, anchor: str = "") -> Link:
    """To the difference in a language, at an element of it."""
    name = describe.in_language(languages.OWN_NAMES[language], language)
    url = difference_url(proposal, old, new, language)
    return Link(language, name, f"{url}#{anchor}" if anchor else url)


def text_url(proposal: Proposal) -> str:
    """The page of the text as it is now."""
    return reverse("proposals:text", kwargs={"task_force": proposal.task_force.slug, "proposal": proposal.slug})


def revision_url(proposal: Proposal, number: int) -> str:
    """The page of a revision."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, "number": number}
    return reverse("proposals:revision", kwargs=names)


def unit_url(proposal: Proposal, unit: int) -> str:
    """The page of a paragraph, which it has for ever."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, "unit": unit}
    return reverse("proposals:unit", kwargs=names)


def units_url(proposal: Proposal) -> str:
    """Below which each paragraph has its page: what follows is its number and a slash."""
    return unit_url(proposal, 0).removesuffix("0/")
