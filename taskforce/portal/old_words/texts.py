"""What the parts of the list have in common: a text at a place."""

from collections.abc import Callable
from typing import NamedTuple


class Text(NamedTuple):
    """A text in a language, at a place; `is_html` where it is the HTML of one."""

    place: str
    language: str
    text: str
    where: Callable[[], str]
    url: Callable[[], str]
    is_html: bool = False
