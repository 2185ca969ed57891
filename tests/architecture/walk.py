"""How the page walk goes through an address and what it finds wrong there.

Each is walked as every role.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db import transaction

from taskforce.core import languages
from tests.architecture.routes import Route
from tests.architecture.table import OUTSIDE, ROLES, STAFF, Row
from tests.clients import Client

World = dict[str, str]
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
}


# --- our own pages ---------------------------------------------------------------------------------------------------


def languages_for(row: Row, role: str) -> tuple[str, ...]:
    """In which languages a role walks a row: by turns one of each direction, so that each answer is seen in both.

    Whoever alone gets an answer walks both.
    """
    alike = [other for other in ROLES if row.expected(other) == row.expected(role)]
    if len(alike) == 1:
        return ("en", "ar")
    return (("en", "ar")[alike.index(role) % 2],)


def row_problems(row: Row, role: str, language: str, client: Client, world: World) -> list[str]:
    """What is wrong with the answer that a role gets at a row's address."""
    path = row.path.format(**world)
    address = path if path.startswith("/") else f"/{language}/{path}"
    response = client.get(address)
    found = answer_problems(response, address)
    if response.status_code != row.expected(role):
        found.append(f"{response.status_code} instead of {row.expected(role)}")
    elif response.status_code == 200 and row.is_page is not is_html(response):
        found.append(f"is {response.headers.get('Content-Type')}")
    elif response.status_code == 302 and row.path.startswith("admin/"):
        # Both who is turned away and who is led on get a 302.
        is_turned_away = "login/?next=" in response.headers["Location"]
        found += [] if is_turned_away is (role in OUTSIDE) else [f"leads to {response.headers['Location']}"]
    return [f"{role} {address}: {problem}" for problem in found]


def is_html(response: Any) -> bool:
    """Whether the answer is a page."""
    return bool(response.headers.get("Content-Type", "").startswith("text/html"))


def answer_problems(response: Any, address: str) -> list[str]:
    """What is wrong with an answer whatever its status: the policy, and the page where it is HTML."""
    policy = response.headers.get("Content-Security-Policy", "")
    found = [] if is_policy(policy) else [f"the Content-Security-Policy is “{policy}”"]
    if is_html(response) and not 300 <= response.status_code < 400:
        found += [f"{response.status_code}: {problem}" for problem in page_problems(response.content.decode(), address)]
    return found


def is_policy(policy: str) -> bool:
    """Whether the header has each directive of the expected one once, and no other."""
    return sorted(directive.strip() for directive in policy.split(";")) == sorted(POLICY)


def page_problems(html: str, address: str) -> list[str]:
    """What is wrong with a page's language, direction and heading."""
    code = address.split("/")[1]
    code = code if languages.is_offered(code) else "en"
    tag = re.search(r"<html\b[^>]*>", html)
    attributes = tag.group(0) if tag else ""
    found = []
    if f'lang="{languages.html_lang(code)}"'.lower() not in attributes.lower():
        found.append(f"lang is wrong in {attributes}")
    if f'dir="{languages.direction(code)}"' not in attributes:
        found.append(f"dir is wrong in {attributes}")
    if len(re.findall(r"<h1\b", html)) != 1:
        found.append(f"{len(re.findall(r'<h1', html))} h1")
    if is_form_unnamed(html, address):
        found.append("its only form is not named its main one (data-main)")
    return found


def is_form_unnamed(html: str, address: str) -> bool:
    """Whether the only form in `<main>` that is posted, to the page's own address, lacks `data-main` (CONTRACT).

    Those that Django's admin draws by itself, around a list or a row, have an id of its own instead.
    """
    main = html.partition("<main")[2].partition("</main>")[0]
    forms = [tag for tag in re.findall(r"<form\b[^>]*>", main) if re.search(r'\bmethod="post"', tag, re.I)]
    if len(forms) != 1 or re.search(r'\bdata-main\b|\bid="(changelist-form|\w+_form)"', forms[0]):
        return False
    action = re.search(r'\baction="([^"]*)"', forms[0])
    return action is None or action.group(1).partition("?")[0] in ("", address.partition("?")[0])


# --- pages of Django's admin and of allauth --------------------------------------------------------------------------

_ABSENT = "999999"


_FILLED = {
    # Ours stands before it under the same name; the package's own is a route all the same.
    "account_reset_password_from_key": ["/en/accounts/password/reset/key/1-x/"],
    "admin:view_on_site": ["/en/admin/r/1/1/", "/en/admin/r/x/y/"],
}


def stock_addresses(route: Route, role: str, world: World) -> list[str]:
    """The addresses of a stock route that a role walks: with rows that there are; the admin also with an absent one.

    A route that this cannot fill in is an error, so that none is passed over.
    """
    if route.name in _FILLED:
        return _FILLED[route.name]
    found = re.fullmatch(r"L(/[\w/-]*)(<path:object_id>|\^?\(\?P<.*|)([\w/-]*)", route.route)
    assert found, f"{route.route} cannot be filled in"
    start, pattern, rest = found.groups()
    if pattern == "<path:object_id>":
        row = world[start.split("/")[3]]
        return [f"/en{start}{each}{rest}" for each in ([row, _ABSENT] if role == "admin" else [row])]
    if pattern.startswith("^(?P<app_label>"):
        return [f"/en{start}{label}/" for label in re.findall(r"\w+", pattern.removeprefix("^(?P<app_label>"))]
    assert pattern in ("", "(?P<url>.*)$"), f"{route.route} cannot be filled in"
    return [f"/en{start}nothing/" if pattern else f"/en{start}"]


def is_absent(address: str) -> bool:
    """Whether an address of the admin is about a row that there is not."""
    return f"/{_ABSENT}/" in address


def stock_problems(address: str, role: str, client: Client) -> list[str]:
    """Never a 5xx, no page of the admin for outsiders, refusals are whole pages."""
    response = client.get(address)
    status = response.status_code
    found = answer_problems(response, address) if status in (403, 404) else []
    if status >= 500 or (status == 200 and "/admin/" in address and role not in STAFF):
        found.append(str(status))
    return [f"{role} {address}: {problem}" for problem in found]


# --- lists of the admin ----------------------------------------------------------------------------------------------


def broken_lookups(page: ModelAdmin[Any]) -> Iterator[str]:
    """Query strings of a list that are no question: a broken expression, a wrong shape, a character of no text.

    Which fields may be asked about is decided by name, so each is asked once; of a translated text's columns, which
    share their refusal, one.
    """
    for field in page.model._meta.concrete_fields:
        if not hasattr(field, "translated_field") or field.name.endswith("_en"):
            yield f"{field.name}__regex=("
    for name in [each for each in page.list_filter if isinstance(each, str)]:
        yield f"{name}__range=1"
        yield f"{name}__exact=%00"
    yield from ("id__range=1", "id__exact=%00", "q=%00")


def list_problems(address: str, role: str, client: Client) -> list[str]:
    """Whatever is written behind a list's address is refused or ignored, never a 5xx."""
    before = transaction.savepoint()
    status = client.get(address).status_code
    if status < 500:
        transaction.savepoint_commit(before)
        return []
    transaction.savepoint_rollback(before)
    return [f"{role} {address}: {status}"]
