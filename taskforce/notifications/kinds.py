"""The kinds of mail that the portal has; each app registers its own in `AppConfig.ready()`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.utils import translation

from taskforce.core import languages
from taskforce.notifications.enums import MailClass

if TYPE_CHECKING:
    from taskforce.notifications.models import Mailing

# Plain JSON: texts, numbers, lists and objects of them; instants as ISO 8601 texts.
Context = dict[str, Any]
Params = dict[str, Any]
# What a mail without topic says under this name is the address of the page where its reader stops such mails.
STOP = "stop_url"
# (mailbox, portal language, IANA zone)
Recipient = tuple[str, str, str]


class Freshen(Protocol):
    """What of a mail's context still holds for a mailbox at a moment of the portal's clock; None: nothing."""

    def __call__(
        self, context: Context, mailbox: str, *, at: datetime, is_true: Callable[["Mailing"], bool]
    ) -> Context | None:
        """`is_true` is what the kind of a mailing says of it (`still_true`)."""
        ...


class Renew(Protocol):
    """What a mail of a mailing says to a reader of `language` at a moment of the portal's clock; None: nothing."""

    def __call__(self, params: Params, language: str, *, at: datetime) -> Context | None:
        """The whole context, made anew."""
        ...


# Whether a mailbox follows a topic of a task force (None: none), at whatever pace.
Follows = Callable[[int | None, str, str], bool]


class UnknownKind(LookupError):
    """No app has registered a kind of this name."""


@dataclass(frozen=True)
class MailKind:
    """One kind of mail; its text stands in `templates/mail/NAME.md`.

    For a mailing to many, `audience(params)` yields batches of recipients and `context(params, language)` makes what
    the text needs; a mail to one person brings its context with it. `sample()` is a context for previews and tests,
    made while the reader's language is active (`sample_of`), so that it has the portal's own words in that language.
    `secrets` names values (codes) that are blanked once the mail can no longer be sent. `still_true(params)` is asked
    before a mailing reaches anybody, at once or in a daily mail: what it says no to is not told any more.
    `renewed(params, language, at=…)` is asked when a mail of the mailing is about to go, whenever it was written: what
    it says at this moment of the portal's clock, or None where it says nothing any more. `freshened` is asked of a mail
    of many parts: it keeps those that still hold. `follows(task_force_id, topic, mailbox)` is asked of a mail that goes
    again after an attempt: whoever has left meanwhile gets it no more. `passes_hold`: somebody waits for it to get in
    or to show that an address is theirs, so that no hold of staff keeps it; `MAIL_HOLD` of the environment does.
    """

    name: str
    mail_class: MailClass
    context: Callable[[Params, str], Context] | None = None
    audience: Callable[[Params], Iterator[list[Recipient]]] | None = None
    sample: Callable[[], Context] = dict
    secrets: tuple[str, ...] = ()
    still_true: Callable[[Params], bool] | None = None
    renewed: Renew | None = None
    freshened: Freshen | None = None
    follows: Follows | None = None
    passes_hold: bool = False

    @property
    def template(self) -> str:
        """The name of the template of text and HTML."""
        return f"mail/{self.name}.md"


_kinds: dict[str, MailKind] = {}


def register(kind: MailKind) -> None:
    """Make a kind known; the same one again changes nothing, another under the same name raises ValueError."""
    known = _kinds.setdefault(kind.name, kind)
    if known != kind:
        raise ValueError(f"two kinds of mail are called {kind.name}")


def get(name: str) -> MailKind:
    """The kind of that name, or `UnknownKind`."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def all_kinds() -> list[MailKind]:
    """Every registered kind, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def that_pass_a_hold() -> list[str]:
    """The names of the kinds that no hold of staff keeps."""
    return [kind.name for kind in all_kinds() if kind.passes_hold]


# --- samples ---------------------------------------------------------------------------------------------------------

# What a task force is called in samples, as staff would have written it: in some languages only.
EXAMPLE_NAMES = {
    "ar": "فرقة عمل تنمية القيادة",
    "de": "Arbeitsgruppe Führung",
    "en": "Leadership Development Task Force",
    "es": "Grupo de trabajo de liderazgo",
    "zh-hant": "領導力發展專案組",
}


def sample_of(kind: MailKind, language: str) -> Context:
    """The kind's sample as a reader of `language` gets it."""
    with translation.override(language):
        return kind.sample()


def example(texts: dict[str, str]) -> dict[str, str]:
    """A label of a sample, from {language: text} with English in it: as `labels.label` serves it, by the chain."""
    wanted = translation.get_language() or "en"
    code = next(code for code in languages.chain(wanted) if code in texts)
    return {"text": texts[code], "language": code}
