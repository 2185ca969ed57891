"""Texts of mails, as the catalogues have them in each language: for all task forces the same, and no work of staff."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from urllib.parse import urlencode

from django.conf import settings
from django.template.base import Node
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from taskforce.core import languages
from taskforce.core.templatetags.staff import sentence
from taskforce.notifications import kinds
from taskforce.notifications.admin import kind_name
from taskforce.portal.old_words.texts import Text

# Stands in a text of the catalogue for what is put in.
_PLACE = re.compile(r"%\(\w+\)[sd]")


def every() -> Iterator[Text]:
    """What the catalogues make of each template of a mail, in each language."""
    known = {kind.name for kind in kinds.all_kinds()}
    for code in languages.CODES:
        for name, text in mail_texts(code).items():
            where, url = _mail_name(name), _mail_url(name, code, known)
            yield Text(f"mail:{name}", code, text, where, url, is_html=True, is_work=False)


@cache
def mail_texts(language: str) -> dict[str, str]:
    """{template: all that it says in a language}, without what is put in; they change with the program only."""
    with translation.override(language):
        return {name: _PLACE.sub("…", " … ".join(_spoken(nodes))) for name, nodes in _templates().items()}


@cache
def _templates() -> dict[str, list[Node]]:
    folder = settings.BASE_DIR / "templates" / "mail"
    found = {}
    for path in sorted(folder.glob("*.md")):
        template = get_template(f"mail/{path.name}").template  # type: ignore[attr-defined] # of Django's own engine
        found[path.stem] = [
            *template.nodelist.get_nodes_by_type(TranslateNode),
            *template.nodelist.get_nodes_by_type(BlockTranslateNode),
        ]
    return found


def _spoken(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, TranslateNode):
            yield str(_(str(node.filter_expression.var.literal))) if node.filter_expression.var.literal else ""
        elif isinstance(node, BlockTranslateNode):
            singular, _vars = node.render_token_list(node.singular)
            if not node.plural:
                yield _(singular)
                continue
            plural, _vars = node.render_token_list(node.plural)
            yield from dict.fromkeys(ngettext(singular, plural, count) for count in (0, 1, 2, 5, 11, 100))


def _mail_name(name: str) -> Callable[[], str]:
    return lambda: sentence(_("Mail text “%(name)s”"), name=kind_name(name))


def _mail_url(name: str, code: str, known: set[str]) -> Callable[[], str]:
    def url() -> str:
        if name not in known:
            return reverse("admin:mail_texts")
        return f"{reverse('admin:mail_text', args=[name])}?{urlencode({'language': code})}"

    return url
