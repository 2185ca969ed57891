"""What a person does who signs in with the wiki, in the test client: begins here, decides there, comes back."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.accounts.oauth_server import Wiki
from tests.clients import Client

LOGIN = "/{language}/accounts/mediawiki/login/"
CALLBACK = "/en/accounts/mediawiki/login/callback/"
SIGN_UP = "/en/accounts/3rdparty/signup/"


def leave(client: Client, language: str = "en", **fields: str) -> str:
    """Press the button; returns the wiki's address to which the page leads."""
    answer = client.post(LOGIN.format(language=language), fields)
    assert answer.status_code == 200
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1].replace("&amp;", "&")


def decide(address: str, answer: str = "allow") -> str:
    """Follow the address to the consent page and press a button there; returns the way back, path and query."""
    page = requests.get(address, timeout=5)
    assert page.status_code == 200, page.text
    form = dict(parse_qsl(urlsplit(page.url).query))
    back = requests.post(page.url.partition("?")[0], {**form, answer: "1"}, allow_redirects=False, timeout=5)
    parts = urlsplit(back.headers["Location"])
    return f"{parts.path}?{parts.query}"


def come_back(client: Client, language: str = "en", **fields: str) -> Any:
    """The whole way with everything allowed; the answer of the address to which the wiki sends people back."""
    return client.get(decide(leave(client, language, **fields)))


def is_signed_in(client: Client) -> bool:
    """Whether somebody is."""
    return "_auth_user_id" in client.session


def registered(wiki: Wiki, settings: Any, key: str, secret: str) -> Wiki:
    """The wiki, known to the portal's settings, and the portal to it."""
    settings.MEDIAWIKI_URL, settings.MEDIAWIKI_KEY, settings.MEDIAWIKI_SECRET = wiki.address, key, secret
    wiki.redirect_uri = f"{settings.SITE_URL}{CALLBACK}"
    return wiki
