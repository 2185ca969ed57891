"""The demo's own pages: people by name and role, addresses from left to right, mails from somebody."""

import os
import subprocess
import sys

import pytest
from django.utils import translation
from pytest_django import Settings

from taskforce.accounts.models import User
from taskforce.portal.demo.cast import BY_KEY, CAST
from tests.architecture.rules import ROOT
from tests.clients import Client


@pytest.fixture
def demo(settings: Settings) -> None:
    """The demo's addresses, under the settings of the tests."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.architecture.demo_urls"


def test_people_are_called_by_name_and_role() -> None:
    """In the page's language, never by the key of their address."""
    assert BY_KEY["reviewer1"].label == "Rana Demo – reviewer"
    assert BY_KEY["member"].label == "Mei Demo – community member"
    assert len({person.label for person in CAST}) == len(CAST)
    with translation.override("zh-hant"):
        assert BY_KEY["reviewer1"].label == "Rana Demo – 評審員"


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("key", "staff"), [("coordinator", True), ("member", False), ("translator", False)])
def test_becoming_someone_says_who_and_where(client: Client, people: dict[str, User], key: str, *, staff: bool) -> None:
    """Name, role, address, and where one comes out."""
    name = people[key].name
    html = client.get(f"/demo/as/{key}/?language=en").content.decode()
    assert f"<h1>Sign in as {name}</h1>" in html
    assert f'<bdi dir="ltr">{key}@demo.example</bdi>' in html
    assert ("staff side" in html.partition("<main")[2].partition("</main>")[0]) is staff
    landed = client.post(f"/demo/as/{key}/?language=en").headers["Location"]
    assert landed == ("/en/admin/" if staff else "/en/")


@pytest.mark.usefixtures("demo", "people")
@pytest.mark.parametrize("language", ["zh-hant", "ar"])
@pytest.mark.parametrize("address", ["/demo/as/reviewer1/", "/demo/clock/", "/demo/mail/"])
def test_the_pages_speak_the_readers_language(client: Client, address: str, language: str) -> None:
    """Not one of a page's own lines is as in English."""

    def lines(code: str) -> set[str]:
        html = client.get(f"{address}?language={code}").content.decode()
        main = html.partition("<main")[2].partition("</main>")[0]
        return {part.partition("<")[0].strip() for part in main.split(">")[1:]} - {""}

    same = {line for line in lines("en") & lines(language) if any(letter.isalpha() for letter in line)}
    assert same <= {"reviewer1@demo.example"}


@pytest.mark.long
def test_the_demos_mails_come_from_somebody() -> None:
    """A name before the address; a real portal still has to say its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "DEMO": "1",
        "DATABASE_URL": "postgres://db/portal",
        "REDIS_URL": "redis://broker/0",
    }
    shown = subprocess.run(
        [sys.executable, "-c", "from taskforce import settings; print(settings.DEFAULT_FROM_EMAIL)"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "Task force portal <portal@demo.example>"
