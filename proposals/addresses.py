"""Where things of a text are to be read: a revision, a paragraph, what a revision changed."""

from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override

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


class Addresses(NamedTuple):
    """Those of a text that most of its pages lead to, in one language; `revisions` and `units` are what stands before a
    number and a slash."""

    home: str
    task_force: str
    text: str
    history: str
    translate: str
    revisions: str
    units: str


def of(proposal: Proposal) -> Addresses:
    """Where the pages of a text are, in the active language."""
    return _of(proposal.task_force.slug, proposal.slug, get_language() or settings.LANGUAGE_CODE)


# To find an address costs more than to write a paragraph, and it is the same as long as the process lives.
@lru_cache(maxsize=2048)
def _of(task_force: str, proposal: str, language: str) -> Addresses:
    names = {"task_force": task_force, "proposal": proposal}
    return Addresses(
        reverse("home"),
        reverse("task_force", kwargs={"task_force": task_force}),
        reverse("proposals:text", kwargs=names),
        reverse("proposals:history", kwargs=names),
        reverse("proposals:translate", kwargs=names),
        reverse("proposals:revision", kwargs={**names, "number": 0}).removesuffix("0/"),
        reverse("proposals:unit", kwargs={**names, "unit": 0}).removesuffix("0/"),
    )


def text_url(proposal: Proposal) -> str:
    """The page of the text as it is now."""
    return of(proposal).text


def revision_url(proposal: Proposal, number: int) -> str:
    """The page of a revision."""
    return f"{of(proposal).revisions}{number}/"


def unit_url(proposal: Proposal, unit: int) -> str:
    """The page of a paragraph, which it has for ever."""
    return f"{of(proposal).units}{unit}/"
