"""What the parts of the list have in common: a text at a place."""

from collections.abc import Callable
from typing import NamedTuple


class Text(NamedTuple):
    """A text in a language, at a place; `is_html` where it is the HTML of one, `is_work` where staff can correct it,
    `is_changing` where a draft that is not published yet has something else in its place."""

    place: str
    language: str
    text: str
    where: Callable[[], str]
    url: Callable[[], str]
    is_html: bool = False
    is_work: bool = True
    is_changing: bool = False
