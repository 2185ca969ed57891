"""What a text's page has besides the text: addresses of paragraphs, ways back, newer sources, its head, shares."""

import html as entities
import re

import pytest
from django.conf import settings

from proposals.drawing import citations
from proposals.heads import head
from proposals.models import Proposal, UnitText
from proposals.queries import page
from proposals.services import import_page, save_translation
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core import languages
from tests.clients import Client
from tests.conftest import Clock, utc
from tests.proposals import pages
from tests.proposals.conftest import T

AT = utc(2022, 2, 6, 9, 30)
ADDRESS = f"tf/{T}/proposals/proposal/"


@pytest.fixture
def editor(text: Proposal) -> User:
    return create_account("translator@demo.example", at=AT, name="Translator Demo")


def html(client: Client, tail: str = "", language: str = "en", slug: str = T) -> str:
    response = client.get(f"/{language}/tf/{slug}/proposals/proposal/{tail}")
    assert response.status_code == 200
    return response.content.decode()


def unit_with(said: str) -> int:
    return UnitText.objects.get(text=said).unit_id


@pytest.mark.parametrize("tail", ["", "r/1/"])
def test_every_paragraph_has_an_address_to_copy(text: Proposal, client: Client, tail: str) -> None:
    """A link in each unit but the title, named in the page's language whatever the unit's: to its own page, and in a
    past revision to its place there.

    The heading that the portal says itself is no unit's text.
    """
    made = html(client, tail, "ar")
    links = re.findall(r'<a class="pt-unit__link" href="([^"]+)" lang="ar" aria-label="[^"]+">#</a>', made)
    units = text.units.exclude(kind="title").exclude(pk=unit_with("References")).order_by("position")
    page = f"/ar/tf/{T}/proposals/proposal/u/"
    assert links == [f"#u-{unit.pk}" if tail else f"{page}{unit.pk}/#more" for unit in units]
    if not tail:
        assert 'id="more"' in client.get(links[-1]).content.decode()


BODY = """\
1. Words

Said here.[1] And again.[1]

Said there, too.[1][2]

References

[1] A first note.

[2] A second note.

[3] A note that nothing leads to.
"""


def test_notes_lead_back(clock: Clock, client: Client) -> None:
    """Each note to the paragraphs that lead to it, once each, numbered where there are several."""
    proposal = import_page(pages.page(BODY), task_force=T, at=AT).proposal
    first, second = proposal.units.filter(kind="paragraph").order_by("position")
    assert citations(page(proposal, "en").units()) == {1: [f"u-{first.pk}", f"u-{second.pk}"], 2: [f"u-{second.pk}"]}
    for tail in ("", "r/1/"):
        made = html(client, tail)
        back = {
            number: re.findall(r'<a class="pt-unit__back" href="#([^"]+)"[^>]*>↑(\d*)</a>', item.split("</li>")[0])
            for number, item in enumerate(made.split('id="note-')[1:], start=1)
        }
        assert back == {1: [(f"u-{first.pk}", "1"), (f"u-{second.pk}", "2")], 2: [(f"u-{second.pk}", "")], 3: []}


NEWER = re.compile(
    r'<details class="pt-unit__newer"><summary>[^<]+</summary>'
    r'<div class="pt-unit__text" lang="([^"]+)" dir="(\w+)">(.*?)</div></details>'
)


def test_the_newer_source_on_request(text: Proposal, client: Client, editor: User) -> None:
    """Closed below an outdated translation, in its own language; on a past page the source as it stood then."""
    unit = unit_with("Write a definition")
    save_translation(unit, "ar", "اكتب تعريفا", editor=editor, at=AT)
    assert not NEWER.findall(html(client, "", "ar"))
    save_translation(unit, "en", "Write *two* definitions", editor=editor, at=AT)
    save_translation(unit, "en", "Write **three** <b> definitions", editor=editor, at=AT)
    assert NEWER.findall(html(client, "", "ar")) == [
        ("en", "ltr", "Write <strong>three</strong> &lt;b&gt; definitions")
    ]
    assert NEWER.findall(html(client, "r/3/", "ar")) == [("en", "ltr", "Write <em>two</em> definitions")]
    assert not NEWER.findall(html(client, "r/2/", "ar"))
    assert not NEWER.findall(html(client, "", "en"))
    assert not NEWER.findall(html(client, "", "de"))
    save_translation(unit, "ar", "اكتب ثلاثة تعريفات", editor=editor, at=AT)
    assert not NEWER.findall(html(client, "", "ar"))


@pytest.mark.parametrize("tail", ["", "r/1/"])
def test_addresses_in_the_head(text: Proposal, client: Client, tail: str) -> None:
    """One true address without what was asked besides, and the same list of all languages on the page of each."""
    found = []
    for language in ("zh-hant", "ar"):
        made = html(client, f"{tail}?x=1", language)
        assert re.findall(r'<link rel="canonical" href="([^"]+)">', made) == [
            f"{settings.SITE_URL}/{language}/{ADDRESS}{tail}"
        ]
        found.append(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', made))
    assert found[0] == found[1]
    expected = {languages.html_lang(code): f"{settings.SITE_URL}/{code}/{ADDRESS}{tail}" for code in languages.CODES}
    assert dict(found[0]) == expected | {"x-default": f"{settings.SITE_URL}/{ADDRESS}{tail}"}
    assert len(found[0]) == len(expected) + 1
    assert client.get(f"/{ADDRESS}{tail}").status_code == 302


def meta(made: str, name: str) -> list[str]:
    """What the head says under this name."""
    return [
        entities.unescape(said) for said in re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)">', made)
    ]


def test_how_to_speak_of_the_page(text: Proposal, client: Client, editor: User) -> None:
    """Open Graph's words: title, first paragraph, language; a paragraph in the reader's language goes first."""
    made = html(client)
    said = {name: meta(made, f"og:{name}") for name in ("type", "title", "url", "locale", "locale:alternate")}
    assert said == {
        "type": ["article"],
        "title": ["示範小組"],
        "url": [f"{settings.SITE_URL}/en/{ADDRESS}"],
        "locale": ["en_US"],
        "locale:alternate": ["zh_TW"],
    }
    words = ["Some work is done already.[1] More would help."]
    assert meta(made, "description") == meta(made, "og:description") == words
    assert meta(html(client, "", "de"), "description") == ["這個小組提出建議，也聽取意見。"]
    hostile = 'A "quote" <script>alert(1)</script> & more'
    save_translation(unit_with("這個小組提出建議，也聽取意見。"), "en", hostile, editor=editor, at=AT)
    assert meta(html(client), "description") == [hostile]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("word " * 60, "word " * 39 + "word…"),
        ("字" * 300, "字" * 200 + "…"),
        ("word " * 39 + "last.", "word " * 39 + "last."),
    ],
)
def test_a_long_paragraph_is_cut_between_words(
    text: Proposal, client: Client, editor: User, said: str, told: str
) -> None:
    """At two hundred characters; a script without blanks has no words to keep."""
    save_translation(unit_with("這個小組提出建議，也聽取意見。"), "en", said, editor=editor, at=AT)
    assert head(f"/en/{ADDRESS}", page(text, "en")).description == told.strip()


def test_the_menu_says_how_much_there_is(text: Proposal, client: Client) -> None:
    """Each language by its own name with its share, in the words of the page's language; other pages say none."""
    made = html(client, "", "ar")
    menu = made[made.index("pt-menu--languages") :].split("</nav>")[0]
    shares = re.findall(
        r'hreflang="([^"]+)"[^>]*>([^<]+) <span class="pt-menu__share" lang="ar" dir="rtl">([^<]+)<', menu
    )
    assert [tag for tag, _, _ in shares] == [languages.html_lang(code) for code in languages.CODES]
    assert [name for _, name, _ in shares] == list(languages.OWN_NAMES.values())
    by_tag = {tag: re.sub(r"\D", "", share) for tag, _, share in shares}
    assert (by_tag["en"], by_tag["zh-Hant"], by_tag["de"]) == ("60", "40", "0")
    assert "pt-menu__share" not in client.get("/ar/").content.decode()


def test_on_paper(text: Proposal, client: Client) -> None:
    """A sheet says where it is from; what can only be pressed is left out by the style sheet."""
    made = html(client)
    paper = made[made.index('<p class="pt-on-paper">') :].split("</p>")[0]
    assert f"{settings.SITE_URL}/en/{ADDRESS}" in paper
    assert 'class="pt-section pt-off-paper" aria-labelledby="available"' in made
    assert f'<a href="/en/{ADDRESS}r/1/">Permanent link</a>' in made
