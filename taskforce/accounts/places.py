"""Which task forces there are, and what they are called: accounts know numbers only, the timeline says the rest."""

from collections.abc import Callable, Collection

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import languages
from taskforce.core.labels import Label

# From ids to names in the active language, or the next of the chain; unknown ids are left out.
Names = Callable[[Collection[int]], dict[int, Label]]
_names: list[Names] = []
_ids: list[Callable[[], list[int]]] = []


def register(names: Names, ids: Callable[[], list[int]]) -> None:
    """Make known who knows the names, and which there are; once, in `AppConfig.ready()`."""
    _names[:], _ids[:] = [names], [ids]


def ids() -> list[int]:
    """The numbers of all task forces, in one statement."""
    return _ids[0]() if _ids else []


def names(ids: Collection[int | None]) -> dict[int | None, Label]:
    """What these places are called (None: all task forces), in one statement; unknown ones are left out."""
    wanted = {one for one in ids if one is not None}
    found: dict[int | None, Label] = {}
    if wanted and _names:
        found.update(_names[0](wanted).items())
    if None in ids:
        found[None] = Label(_("all task forces"), get_language() or "en")
    return found


def name(task_force_id: int | None) -> Label:
    """What one place is called; an empty text where nobody knows it."""
    return names([task_force_id]).get(task_force_id, Label("", "en"))


def shown(task_force_id: int | None) -> SafeString:
    """The name for a page, marked with the language that it is really in."""
    return marked(name(task_force_id))


def marked(label: Label) -> SafeString:
    """A name that was looked up with others, for a page."""
    code = languages.html_lang(label.language)
    return format_html('<bdi lang="{}" dir="{}">{}</bdi>', code, languages.direction(label.language), label.text)
