"""One running portal and one browser for all tests in this folder."""

from collections.abc import Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from deploy import browser as programs
from tests.accounts import oauth_server
from tests.accounts.oauth_server import Wiki
from tests.browser.running import Portal
from tests.browser.visitors import Visitors


@cache
def _why_not() -> str:
    """One line for the person at the shell if there is no Chromium here."""
    return "" if programs.find() else programs.advice(programs.missing_packages(), "none found on this machine")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without Chromium its tests are skipped before anything is started for them."""
    if item.get_closest_marker("browser") and _why_not():
        pytest.skip(_why_not())


# Both live as long as this folder's tests: while Playwright's event loop runs, Django refuses to use the database
# in the same process, which other tests want to do.


@pytest.fixture(scope="package")
def wiki() -> Iterator[Wiki]:
    """The wiki with whose accounts people sign in."""
    with oauth_server.running() as one:
        yield one


@pytest.fixture(scope="package")
def portal(wiki: Wiki) -> Iterator[Portal]:
    """The portal with everything that belongs to it; its end is a test too."""
    running = Portal()
    running.env |= {
        "MEDIAWIKI_URL": wiki.address,
        "MEDIAWIKI_KEY": oauth_server.KEY,
        "MEDIAWIKI_SECRET": oauth_server.SECRET,
    }
    wiki.redirect_uri = f"{running.address}/en/accounts/mediawiki/login/callback/"
    try:
        running.start()
        yield running
        assert running.stop() == 0, "SIGTERM must end it cleanly"
    finally:
        running.throw_away()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium."""
    browser = playwright.chromium.launch(executable_path=programs.find(), args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def visitors(chromium: Browser, portal: Portal) -> Iterator[Visitors]:
    """People at their browsers, each with cookies of their own; they leave when the test ends."""
    people = Visitors(chromium, portal)
    yield people
    people.leave()
