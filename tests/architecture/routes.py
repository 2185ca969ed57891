"""Every address of the portal, read from the URLconf, and which of them are really Django's or allauth's own."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import LocalePrefixPattern

from tests.architecture.table import Row

REMEDY = "in tests/architecture/table.py (docs/house.md, *any address*)"
Patterns = Iterable[URLPattern | URLResolver]


class Route(NamedTuple):
    """A route as the URLconf spells it, with `L/` for the language, its name with namespaces, and what answers."""

    route: str
    name: str
    answers: tuple[Any, ...]


def all_routes(patterns: Patterns) -> list[Route]:
    """Every route in the order of the URLconf, included ones unfolded."""
    return list(_unfold(patterns, "", ""))


def _unfold(patterns: Patterns, prefix: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        part = "L/" if isinstance(pattern.pattern, LocalePrefixPattern) else str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _unfold(pattern.url_patterns, prefix + part, inner)
        else:
            yield Route(prefix + part, f"{namespace}{pattern.name or ''}", tuple(_layers(pattern.callback)))


def _layers(view: Callable[..., Any] | None) -> Iterator[Any]:
    """What stands behind a view, decorator by decorator: the very code, so that no borrowed name can pass for it."""
    while view is not None:
        function = getattr(view, "__func__", view)
        yield getattr(function, "__code__", function)
        yield getattr(view, "view_class", None), repr(getattr(view, "view_initkwargs", None))
        view = getattr(view, "__wrapped__", None)


@cache
def stock_routes() -> frozenset[Route]:
    """What allauth's URLconf and a plain admin site with plain pages for the same models would have.

    Own views of `PortalAdminSite` or of a model's admin are not among them, whatever they are called: each needs a
    row in the table.
    """
    plain = AdminSite()
    plain.register(list(admin.site._registry))
    return frozenset(
        [
            *_unfold(import_module("allauth.urls").urlpatterns, "L/accounts/", ""),
            *_unfold(plain.get_urls(), "L/admin/", "admin:"),
        ]
    )


def is_stock(route: Route) -> bool:
    """Whether the page is Django's admin's or allauth's own: walked for its status only."""
    return route in stock_routes()


def without_row(patterns: Patterns, table: dict[str, Row]) -> list[str]:
    """Addresses of ours that no row is about, two that share one, and rows without an address."""
    own = [route for route in all_routes(patterns) if not is_stock(route)]
    names = [route.name for route in own]
    found = [f"{route.route} ({route.name}) has no row {REMEDY}" for route in own if route.name not in table]
    found += [f"{name} is the name of several addresses" for name in sorted(set(names)) if names.count(name) > 1]
    return found + [f"the row {name} has no address" for name in table if name not in names]
