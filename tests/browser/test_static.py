"""Every file that a page of the running portal asks for is there, under a hashed name, to be kept for ever."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from tests.browser.running import Portal
from tests.browser.visitors import TEXT, WINDOW

pytestmark = [pytest.mark.stack]

PAGES = (
    "/en/",
    "/ar/",
    f"/zh-hant/{TEXT}",
    f"/en/{WINDOW}",
    "/en/accounts/login/",
    "/en/nothing-here/",
    "/demo/mail/",
)
REFERENCE = re.compile(r'(?:href|src)="([^"]+\.(?:css|js|svg|ico|png|woff2?|webmanifest)[^"]*)"')
IN_A_STYLESHEET = re.compile(r'(?:url\(|@import )\s*["\']?([^"\')]+)["\']?')
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
A_YEAR = 31_536_000


def _problem(portal: Portal, path: str) -> tuple[str, bytes]:
    status, headers, body = portal.get(path)
    control = headers.get("cache-control", "")
    seconds = re.search(r"max-age=(\d+)", control)
    if status != 200:
        return f"{path}: {status}", b""
    if not HASHED.search(path) or "immutable" not in control or not seconds or int(seconds[1]) < A_YEAR:
        return f"{path}: Cache-Control “{control}”", body
    return "", body


def _inside(path: str, sheet: bytes) -> set[str]:
    """The files of ours that a stylesheet asks for."""
    if not path.endswith(".css"):
        return set()
    found = IN_A_STYLESHEET.findall(sheet.decode())
    return {urljoin(path, one).split("#")[0] for one in found if not one.startswith(("data:", "#"))}


def test_every_file_is_there_for_ever(portal: Portal) -> None:
    waiting = {"/favicon.ico"}
    for page in PAGES:
        waiting |= set(REFERENCE.findall(portal.get(page)[2].decode()))
    assert len(waiting) > 8, waiting
    waiting.remove("/favicon.ico")
    assert portal.status("/favicon.ico") == 200
    seen: set[str] = set()
    problems = []
    while waiting:
        path = waiting.pop()
        seen.add(path)
        assert not urlsplit(path).netloc, f"{path} is not ours"
        problem, body = _problem(portal, path)
        problems += [problem] if problem else []
        waiting |= _inside(path, body) - seen
    assert not problems, "\n".join(sorted(problems))


@pytest.mark.long
def test_a_name_without_its_file_is_not_there(portal: Portal) -> None:
    assert portal.status("/static/portal/portal.000000000000.css") == 404
