"""A pasted list of addresses, line by line: what can be used, what cannot and why, what stands there twice."""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from taskforce.core import languages
from taskforce.notifications import mailboxes

MOST_LINES = 10_000
_SHOWN = 120
_TAGS = {languages.html_lang(code).lower(): code for code in languages.CODES}
_MARK = "\ufeff"
_BETWEEN = re.compile(r"[,;\t]")


class Line(NamedTuple):
    """A line that is not used: its number, from one, what stands there, and why."""

    number: int
    text: str
    why: str

    @property
    def shown(self) -> str:
        """So much of it that its writer knows it again."""
        return self.text if len(self.text) <= _SHOWN else f"{self.text[: _SHOWN - 1]}…"


class Pasted(NamedTuple):
    """Mailboxes with their languages, each once; the lines that are none; the lines that were there before; the
    numbers of the mailboxes' lines."""

    good: dict[str, str]
    bad: list[Line]
    again: list[Line]
    numbers: dict[str, int]


def read(text: str, language: str) -> Pasted:
    """Lines `address[, language]`; empty ones are passed over. `language` is that of a line which names none.

    A byte order mark before the first line, which some programs write at the head of a file, is no part of it.
    """
    found = Pasted({}, [], [], {})
    for number, line in enumerate(text.removeprefix(_MARK).replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            mailbox, code = _entry(line, language)
        except mailboxes.UnusableMailbox as error:
            found.bad.append(Line(number, line.strip(), str(error)))
            continue
        if mailbox in found.numbers:
            why = _("The same address as in line %(number)d.") % {"number": found.numbers[mailbox]}
            found.again.append(Line(number, line.strip(), why))
            continue
        found.numbers[mailbox] = number
        found.good[mailbox] = code
    return found


def _entry(line: str, language: str) -> tuple[str, str]:
    address, *rest = [part.strip() for part in _BETWEEN.split(line)]
    mailbox = mailboxes.checked(address)
    named = " ".join(rest).strip()
    if not named:
        return mailbox, language
    code = _TAGS.get(named.lower().replace("_", "-"))
    if code is None:
        why = _("“%(code)s” is not a language of this portal.") % {"code": named[:40]}
        raise mailboxes.UnusableMailbox(why)
    return mailbox, code
