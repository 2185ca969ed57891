"""The forms of a page, as a browser would read them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

# The field of Django's token against forged requests.
TOKEN = "csrfmiddlewaretoken"
_TEXTS = {"text", "email", "search", "url", "tel", "password", "number", "date", "time", "datetime-local"}


@dataclass
class Form:
    """Where it goes, how, and what its fields hold; radios, selects and boxes hold what is chosen."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    # Those into which somebody writes, of them those that take any text, and those that nobody sees.
    typed: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)

    def add(self, name: str, value: str, *, is_chosen: bool = True) -> None:
        """A control of the form."""
        self.offered.setdefault(name, []).append(value)
        if is_chosen:
            self.fields.setdefault(name, []).append(value)

    @property
    def names(self) -> list[str]:
        """Every field that the form can send."""
        return sorted(self.offered)

    def kinds(self) -> list[list[str]]:
        """The fields in three kinds, as far as there are any: for any text, unseen, and what is chosen or measured.

        The token is in none: with another one a request is refused before anybody asks which form it is.
        """
        own = [name for name in self.names if name != TOKEN]
        free, seen = [name for name in own if name in self.free], [name for name in own if name not in self.free]
        unseen = [name for name in seen if name in self.hidden]
        return list(filter(None, (free, unseen, [name for name in seen if name not in unseen])))

    def filled(self) -> dict[str, list[str]]:
        """What somebody sends who fills in whatever is empty: the first choice, or a short text."""
        whole = {name: [value for value in values if value] for name, values in self.fields.items()}
        return {name: whole.get(name) or [next(filter(None, self.offered[name]), "x")] for name in self.names}


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: set[str] = set()
        self._open: Form | None = None
        self._named: dict[str, Form] = {}
        self._area: tuple[Form, str] | None = None
        self._text = ""
        self._select: tuple[Form, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.add(urljoin(self.address, given["href"]))
        elif tag == "form":
            self._open = Form(urljoin(self.address, given.get("action") or ""), given.get("method", "get").lower())
            self.forms.append(self._open)
            if "id" in given:
                self._named[given["id"]] = self._open
        elif tag == "option" and self._select:
            form, name = self._select
            form.add(name, given.get("value", ""), is_chosen="selected" in given)
        elif "name" in given and (owner := self._named.get(given.get("form", "")) or self._open):
            self._control(owner, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text" if tag == "input" else "submit")
        if tag == "textarea" or kind in _TEXTS:
            form.typed.add(name)
        if tag == "textarea" or kind in ("text", "search"):
            form.free.add(name)
        if kind == "hidden":
            form.hidden.add(name)
        if tag == "textarea":
            self._area, self._text = (form, name), ""
        elif tag == "select":
            self._select = (form, name)
        elif tag == "button":
            form.add(name, given.get("value", ""), is_chosen=name not in form.offered)
        elif tag == "input":
            form.add(name, given.get("value", ""), is_chosen="checked" in given or kind in (*_TEXTS, "hidden"))

    def handle_data(self, data: str) -> None:
        self._text += data if self._area else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area:
            form, name = self._area
            form.add(name, self._text)
            self._area = None


def read(html: str, address: str) -> tuple[list[Form], set[str]]:
    """The forms of a page that stay on this site, and the addresses that it links to, absolute from the root."""
    reader = _Reader(address)
    reader.feed(html)
    own = [form for form in reader.forms if not urlsplit(form.action).netloc]
    return own, reader.links
