"""Where a mail leads: in HTML a link with words, in the text the whole address, which programs make a link of."""

import re

import pytest
from django.conf import settings

from taskforce.core import languages
from taskforce.notifications import kinds, rendering

ASKS = ("subscription-confirm", "subscription-invitation", "subscription-known")
OURS = ("announcement", "phase-", "subscription-", "bulletin", "digest")
KINDS = [one.name for one in kinds.all_kinds() if one.name.startswith(OURS)]
_LINK = re.compile(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def rendered(name: str, language: str, **changes: str) -> rendering.Rendered:
    kind = kinds.get(name)
    return rendering.render(kind, {**kinds.sample_of(kind, language), **changes}, language)


def own_links(mail: rendering.Rendered) -> list[tuple[str, str]]:
    """(address, words) of the links above the footer."""
    return _LINK.findall(mail.html.rpartition("<hr")[0])


def bare(mail: rendering.Rendered) -> list[str]:
    """Links that show an address instead of saying what they are."""
    return [address for address, words in own_links(mail) if "://" in words]


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
@pytest.mark.parametrize("name", KINDS)
def test_no_mail_shows_an_address_for_a_link(name: str, language: str) -> None:
    mail = rendered(name, language)
    assert own_links(mail), "it leads nowhere"
    assert bare(mail) == []


@pytest.mark.parametrize("language", languages.CODES)
@pytest.mark.parametrize("name", ASKS)
def test_the_text_has_the_whole_address_in_a_line_of_its_own(name: str, language: str) -> None:
    """However long its token is, and without a sign beside it that a program could take for a part of it."""
    url = f"{settings.SITE_URL}/{language}/subscriptions/confirm/{'Wy-J_uZ3' * 30}/"
    mail = rendered(name, language, url=url)
    assert mail.text.splitlines().count(url) == 1
    assert [address for address, _words in own_links(mail)] == [url]


def test_an_address_for_a_link_is_found() -> None:
    """`account-unknown` stands for a mail that still shows one."""
    url = f"{settings.SITE_URL}/en/x/"
    assert bare(rendered("account-unknown", "en", url=url)) == [url]
