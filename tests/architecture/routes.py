"""Every address of the portal, read from the URLconf."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern


class Route(NamedTuple):
    """A route as the URLconf spells it, with `L/` for the language, and its name with namespaces."""

    route: str
    name: str


def all_routes(urlconf: str | None = None) -> list[Route]:
    """Every route in the order of the URLconf, included ones unfolded."""
    return list(_unfold(get_resolver(urlconf).url_patterns, "", ""))


def _unfold(patterns: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        part = "L/" if isinstance(pattern.pattern, LocalePrefixPattern) else str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _unfold(pattern.url_patterns, prefix + part, inner)
        else:
            yield Route(prefix + part, f"{namespace}{pattern.name or ''}")


# What Django's admin makes by itself for the site and for each registered model. Pages of our own are not among
# them, so each of those needs a row in the table.
_STOCK_ADMIN = re.compile(
    r"admin:((index|login|logout|password_change|password_change_done|autocomplete|jsi18n|view_on_site|app_list|)"
    r"|\w+_\w+_(changelist|add|history|delete|change)|)$"
)


def is_stock(route: Route) -> bool:
    """Whether the page is Django's admin's or allauth's own: walked for its status only."""
    return bool(_STOCK_ADMIN.match(route.name)) or route.route.startswith("L/accounts/")
