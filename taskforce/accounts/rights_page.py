"""The staff side's page "Who may do what", drawn from the tables of all apps."""

from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from taskforce.accounts import places, queries, rights, rules
from taskforce.accounts.enums import SPOKEN_ROLES, Role
from taskforce.accounts.rights import Grant, Right
from taskforce.core import languages


class Cell(NamedTuple):
    """One role's part in one action: `yes`, `appoints` or `no`, and whether the role is the reader's own."""

    role: str
    answer: str
    is_own: bool


class Part(NamedTuple):
    """All that one role may do, app by app, and what it only appoints people for."""

    role: str
    is_own: bool
    number: int
    may: list[tuple[str, list[str]]]
    appoints: list[str]


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """For all staff: each action, each role; the reader's own roles stand out."""
    held = queries.grants_of(request.user)
    own = {grant.role for grant in held}
    context = {
        **site.each_context(request),
        "title": _("Who may do what"),
        "roles": [(capfirst(str(role.label)), role in own) for role in Role],
        "apps": [
            (app.title, [(right.words, _cells(right, own)) for right in app.table.values()])
            for app in rights.apps().values()
        ],
        "by_role": [_part(role, role in own) for role in Role],
        "own": [_in_words(grant) for grant in sorted(held, key=lambda grant: (grant.role, grant.language))],
        "appointing": [(capfirst(str(role.label)), _givers(role)) for role in Role],
    }
    return TemplateResponse(request, "admin/roles/rights.html", context)


def _part(role: Role, is_own: bool) -> Part:
    tables = [(app.title, app.table.values()) for app in rights.apps().values()]
    may = [(str(title), [str(each.words) for each in table if role in each.roles]) for title, table in tables]
    appoints = [str(each.words) for _title, table in tables for each in table if _answer(each, role) == "appoints"]
    named = [(title, words) for title, words in may if words]
    return Part(capfirst(str(role.label)), is_own, sum(len(words) for _title, words in named), named, appoints)


def _cells(right: Right, own: set[str]) -> list[Cell]:
    return [Cell(capfirst(str(role.label)), _answer(right, role), role in own) for role in Role]


def _answer(right: Right, role: Role) -> str:
    if role in right.roles:
        return "yes"
    return "appoints" if role in right.appointed_by & rules.APPOINTERS else "no"


def _givers(role: Role) -> list[str]:
    """The roles each of which alone is enough to give this one, at the same place."""
    wanted = Grant(role, None, languages.CODES[0] if role in SPOKEN_ROLES else "")
    held = [Grant(giver, None, wanted.language if giver in SPOKEN_ROLES else "") for giver in Role]
    return [str(Role(grant.role).label) for grant in held if rules.may_give([grant], wanted)[0]]


def _in_words(grant: Grant) -> dict[str, Any]:
    return {
        "role": capfirst(str(Role(grant.role).label)),
        "place": places.shown(grant.task_force_id),
        "language": grant.language,
        "spoken": languages.OWN_NAMES.get(grant.language, ""),
    }
