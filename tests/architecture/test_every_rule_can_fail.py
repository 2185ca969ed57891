"""The failing twin: whatever the other tests here call to find nothing is called with an offence and finds it."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import pytest
from allauth.account.views import login
from django.apps import apps
from django.conf.urls.i18n import i18n_patterns
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.migrations.state import ModelState, ProjectState
from django.http import HttpRequest, HttpResponse
from django.test.utils import isolate_apps
from django.urls import path

from tests.architecture import rules
from tests.architecture.contracts import broken_contracts
from tests.architecture.demo_urls import urlpatterns
from tests.architecture.offences import OFFENCES
from tests.architecture.pending import pending_migrations
from tests.architecture.permissions import roles_left_out
from tests.architecture.relations import relations_upward
from tests.architecture.routes import Route, without_row
from tests.architecture.table import ROLES, STAFF, TABLE, Row
from tests.architecture.walk import POLICY, is_policy, list_problems, row_problems, stock_addresses, stock_problems
from tests.clients import Client

HOUSE = (
    relations_upward,
    broken_contracts,
    pending_migrations,
    without_row,
    roles_left_out,
    row_problems,
    stock_problems,
    list_problems,
)
# A rule, the offence that it gets, and what it must say.
Twin = tuple[Callable[..., list[str]], Callable[[], tuple[Any, ...]], str]


# --- models and migrations -------------------------------------------------------------------------------------------


def _model(name: str, module: str, label: str, **fields: Any) -> type[models.Model]:
    meta = type("Meta", (), {"app_label": label})
    return type(name, (models.Model,), {"__module__": module, "Meta": meta, **fields})


def _related(label: str, target: str, field: Callable[[str], Any]) -> tuple[Any, ...]:
    """A model of one app that points to one of another, by name as in real code."""
    with isolate_apps("proposals", "recruitment", "feedback"):
        _model("Target", f"{target}.models", target)
        return ([_model("Pointing", f"{label}.models", label, to=field(f"{target}.Target"))],)


def _homeless() -> tuple[Any, ...]:
    with isolate_apps("proposals"):
        return ([_model("Homeless", "taskforce.newcomer.models", "newcomer")],)


def _altered(change: Callable[[dict[tuple[str, str], ModelState]], object]) -> tuple[Any, ...]:
    """The project's models, and something that no migration knows."""
    state = ProjectState.from_apps(apps)
    change(state.models)
    return (state,)


def _lengthen(known: dict[tuple[str, str], ModelState]) -> None:
    field = known["timeline", "phase"].fields["slug"].clone()
    field.max_length = 999
    known["timeline", "phase"].fields["slug"] = field


def _add(known: dict[tuple[str, str], ModelState]) -> None:
    known["timeline", "phase"].fields["newcomer"] = models.BooleanField(default=False)


def _disarm(known: dict[tuple[str, str], ModelState]) -> None:
    known["timeline", "phase"].options["triggers"] = []


_key = partial(models.ForeignKey, on_delete=models.CASCADE)

MODELS: list[Twin] = [
    (relations_upward, partial(_related, "proposals", "feedback", _key), "→"),
    (
        relations_upward,
        partial(_related, "proposals", "recruitment", _key),
        "→",
    ),
    (relations_upward, partial(_related, "recruitment", "feedback", models.ManyToManyField), "→"),
    (relations_upward, _homeless, "stands on no floor"),
    (pending_migrations, partial(_altered, _lengthen), "Alter field slug on phase"),
    (pending_migrations, partial(_altered, _add), "Add field newcomer to phase"),
    (pending_migrations, partial(_altered, _disarm), "trigger"),
]

# --- imports ---------------------------------------------------------------------------------------------------------


def _import(importer: str, imported: str) -> Callable[[], tuple[Any, ...]]:
    return lambda: ([(importer, imported)],)


IMPORTS: list[Twin] = [
    (broken_contracts, _import("taskforce.core.clock", "feedback.models"), "house: taskforce.core → feedback"),
    (broken_contracts, _import("proposals.models", "recruitment.models"), "house: proposals → recruitment"),
    (broken_contracts, _import("taskforce.newcomer", "taskforce.core"), "taskforce.newcomer stands on no floor"),
    (
        broken_contracts,
        _import("taskforce.timeline.models", "taskforce.timeline.services"),
        "rooms: ",
    ),
    (broken_contracts, _import("feedback.rules", "feedback.views"), "rooms: feedback.rules → feedback.views"),
]

# --- addresses -------------------------------------------------------------------------------------------------------


def _ours(request: HttpRequest, **arguments: Any) -> HttpResponse:
    return HttpResponse()


@wraps(ModelAdmin.change_view)
def _disguised(request: HttpRequest, **arguments: Any) -> HttpResponse:
    return HttpResponse()


class _OwnDeletion(ModelAdmin[Group]):
    def delete_view(self, *arguments: Any, **more: Any) -> HttpResponse:
        return HttpResponse()


def _mounted(route: str, view: Callable[..., HttpResponse], name: str = "") -> Callable[[], tuple[Any, ...]]:
    """The portal's addresses and one more; a name of the admin's comes in its namespace."""
    namespace, _, own = name.rpartition(":")
    made: Any = path(route, view, name=own or None)
    if namespace:
        made = path("", ([made], namespace, namespace))
    return lambda: ([*urlpatterns, *i18n_patterns(made)], TABLE)


def _subclassed() -> tuple[Any, ...]:
    site = AdminSite()
    site.register(Group, _OwnDeletion)
    return [*urlpatterns, *i18n_patterns(path("admin/", site.urls))], TABLE


ADDRESSES: list[Twin] = [
    (without_row, _mounted("somewhere/", _ours), "L/somewhere/"),
    (without_row, _mounted("again/", _ours, "home"), "home is the name of several addresses"),
    (without_row, _mounted("accounts/secret/", _ours, "account_secret"), "L/accounts/secret/"),
    (without_row, _mounted("accounts/login/", _ours, "account_login"), "L/accounts/login/"),
    (without_row, _mounted("accounts/secret/", _ours, "account_login"), "L/accounts/secret/"),
    (without_row, _mounted("accounts/other/", login, "account_login"), "L/accounts/other/"),
    (without_row, _mounted("admin/x/y/<int:pk>/secret/", _ours, "admin:x_y_secret"), "admin:x_y_secret"),
    (without_row, _mounted("admin/x/y/add/", _ours, "admin:x_y_add"), "admin:x_y_add"),
    (
        without_row,
        _mounted("admin/timeline/taskforce/<path:object_id>/change/", _ours, "admin:timeline_taskforce_change"),
        "admin:timeline_taskforce_change",
    ),
    (
        without_row,
        _mounted("admin/recruitment/application/<path:x>/change/", _ours, "admin:recruitment_application_change"),
        "admin:recruitment_application_change",
    ),
    (
        without_row,
        _mounted("admin/auth/group/<path:object_id>/change/", _disguised, "admin:auth_group_change"),
        "admin:auth_group_change",
    ),
    (without_row, _subclassed, "admin:auth_group_delete"),
    (without_row, _mounted("somewhere/", _ours, "somewhere"), "in tests/architecture/table.py"),
    (roles_left_out, lambda: ([role for role in ROLES if role != "translator"], STAFF), "nobody is translator"),
    (roles_left_out, lambda: (ROLES, [role for role in STAFF if role != "privacy"]), "privacy is staff"),
    (roles_left_out, lambda: (ROLES, [*STAFF, "member"]), "member is staff"),
    (without_row, lambda: (urlpatterns, {**TABLE, "nowhere": Row("nowhere/")}), "the row nowhere"),
]

# --- the walk --------------------------------------------------------------------------------------------------------


def _walked(row: Row, language: str = "ar", role: str = "anonymous") -> Callable[[], tuple[Any, ...]]:
    return lambda: (row, role, language, Client(raise_request_exception=False), {})


def _visited(address: str) -> Callable[[], tuple[Any, ...]]:
    return lambda: (address, "anonymous", Client(raise_request_exception=False))


WALK: list[Twin] = [
    (row_problems, _walked(Row("bad/failing/")), "500 instead of 200"),
    (row_problems, _walked(Row("bad/nowhere/")), "404 instead of 200"),
    (row_problems, _walked(Row("good/", 404)), "200 instead of 404"),
    (row_problems, _walked(Row("bad/headless/")), "0 h1"),
    (row_problems, _walked(Row("bad/two-heads/")), "2 h1"),
    (row_problems, _walked(Row("bad/language/")), "lang is wrong"),
    (row_problems, _walked(Row("bad/direction/")), "dir is wrong"),
    (row_problems, _walked(Row("bad/policy/")), "the Content-Security-Policy is “default-src *”"),
    (row_problems, _walked(Row("bad/form/")), "its only form is not named"),
    (row_problems, _walked(Row("bad/data/")), "is application/json"),
    (row_problems, _walked(Row("good/", is_page=False)), "is text/html"),
    (row_problems, _walked(Row("admin/bad/astray/", 302)), "leads to /en/"),
    (row_problems, _walked(Row("admin/good/", 302), role="coordinator"), "leads to /en/admin/login/"),
    (stock_problems, _visited("/en/bad/failing/"), "500"),
    (stock_problems, _visited("/en/bad/missing/"), "404: 0 h1"),
    (stock_problems, _visited("/en/admin/bad/open/"), "200"),
    (list_problems, _visited("/en/bad/failing/?x__regex=("), "500"),
]

# --- all of them -----------------------------------------------------------------------------------------------------

FILES: list[Twin] = [(rule, partial(tuple[Any, ...], given), given[0]) for rule, *given in OFFENCES]
TWINS = [*FILES, *MODELS, *IMPORTS, *ADDRESSES, *WALK]
BAD_PAGES = (pytest.mark.django_db, pytest.mark.urls("tests.architecture.bad_urls"))


@pytest.mark.parametrize(
    ("rule", "offence", "says"),
    [
        pytest.param(*twin, id=f"{twin[0].__name__}-{number}", marks=BAD_PAGES if twin in WALK else ())
        for number, twin in enumerate(TWINS)
    ],
)
def test_every_rule_can_fail(rule: Callable[..., list[str]], offence: Callable[[], tuple[Any, ...]], says: str) -> None:
    """Each rule finds its own offence and names it."""
    assert says in "\n".join(rule(*offence()))


def test_every_rule_has_a_twin() -> None:
    """No rule goes without an offence."""
    known = {*rules.PYTHON_RULES, *rules.MIGRATION_RULES, *rules.TEMPLATE_RULES, *HOUSE}
    assert {rule for rule, *_ in TWINS} == known


@pytest.mark.django_db
@pytest.mark.urls("tests.architecture.bad_urls")
@pytest.mark.parametrize("row", [Row("good/"), Row("good/form/"), Row("admin/good/", 302)], ids=lambda row: row.path)
def test_good_pages_pass(row: Row) -> None:
    """What is wrong with the bad pages is what they are called by, and nothing else."""
    assert row_problems(row, "anonymous", "ar", Client(), {}) == []


def test_only_the_whole_policy_passes() -> None:
    """Weaker, incomplete, longer, missing: none of them is the policy."""
    whole = "; ".join(sorted(POLICY))
    assert is_policy(whole)
    assert not is_policy(whole.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"))
    assert not is_policy(whole.replace("base-uri 'none'; ", ""))
    assert not is_policy(f"{whole}; frame-src *")
    assert not is_policy("")


@pytest.mark.parametrize("route", ["L/accounts/<int:pk>/", "L/accounts/(?P<x>.+)/y/", "L/admin/<path:object_id>/<x>/"])
def test_no_stock_page_is_passed_over(route: str) -> None:
    """An address that the walk cannot fill in is an error, not one page less."""
    with pytest.raises(AssertionError, match="cannot be filled in"):
        stock_addresses(Route(route, "account_new", ()), "admin", {})
