"""The staff side's pages "Mail texts": every mail that the portal can send, with sample data, in every language."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import languages, side_by_side
from taskforce.notifications import kinds, previews
from taskforce.notifications.admin import kind_name
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.occasions import OCCASIONS


def all_texts(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The list: each kind with name, class, to whom and when."""
    facts = sorted((_facts(kind) for kind in kinds.all_kinds()), key=lambda one: str(one["name"]))
    return _page(request, site, "list", title=_("Mail texts"), texts=facts)


def one_text(request: HttpRequest, name: str, site: AdminSite) -> HttpResponse:
    """One kind, with its sample data as the code that sends it would write it in the chosen language."""
    try:
        kind = kinds.get(name)
    except kinds.UnknownKind:
        raise Http404 from None
    language = side_by_side.chosen_language(request, get_language() or side_by_side.SOURCE)
    return _page(
        request,
        site,
        "text",
        title=kind_name(kind.name),
        text=_facts(kind),
        language=language,
        coverage=[{"code": code, "name": own_name} for code, own_name in languages.OWN_NAMES.items()],
        mail=previews.preview(kind, kinds.sample_of(kind, language), language, _topic(kind)),
    )


def _facts(kind: MailKind) -> dict[str, Any]:
    """What staff read about a kind; one without words shows its code."""
    occasion = OCCASIONS.get(kind.name)
    return {
        "code": kind.name,
        "name": kind_name(kind.name),
        "class_name": MailClass(kind.mail_class).label,
        "is_announcement": kind.mail_class == MailClass.ANNOUNCEMENT,
        "to_whom": occasion.to_whom if occasion else "–",
        "when": occasion.when if occasion else "–",
    }


def _topic(kind: MailKind) -> str:
    """The topic under which such mail goes out."""
    occasion = OCCASIONS.get(kind.name)
    return occasion.topic if occasion else ""


def _page(request: HttpRequest, site: AdminSite, name: str, **context: Any) -> HttpResponse:
    full = {**site.each_context(request), **context}
    return TemplateResponse(request, f"admin/mail_texts/{name}.html", full)
