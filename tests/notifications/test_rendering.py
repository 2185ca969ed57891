"""Rendering: one source, two parts, every language, and texts of people that stay texts."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.template.base import FilterExpression, Node, Template
from django.utils import timezone, translation
from pytest_django import Settings

from taskforce.core import languages, zones
from taskforce.notifications import kinds, plaintext, rendering, values
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.rendering import Rendered
from taskforce.notifications.templatetags import mail as mail_tags
from tests.notifications.conftest import NEWS, RECEIPT

CONTEXT = {"name": "Ann", "code": "ABCD-2345", "body": "", "url": "", "closes_at": "2022-03-01T12:00:00+00:00"}
HOSTILE = [
    "[click](http://evil.test)",
    "http://evil.test [click](..)",
    "<http://evil.test>",
    "www.evil.test",
    "evil.test/login",
    "<script>alert(1)</script>",
    '<a href="http://evil.test">x</a>',
    "![x](http://evil.test/p.png)",
    "**bold** _it_ `code` ~~gone~~",
    "# heading",
    "- item\n\n> quote",
    "name\r\nBcc: v@evil.test",
    "name\nSubject: other",
    "1. first",
    "&lt;b&gt; &amp; \\",
    "{{ code }} {% now 'Y' %} %(name)s {0}",
    "[ref]: http://evil.test",
    "<https://testserver.evil.test/>",
]


class Links(HTMLParser):
    """Collects what an HTML part would make a mail program load or open, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def links(rendered: Rendered) -> Links:
    """What is in the HTML part."""
    found = Links()
    found.feed(rendered.html)
    return found


def shown(text: str) -> str:
    """A text without the word joiners that keep mail programs from linking."""
    return text.replace("\u2060", "")


@pytest.mark.long
@pytest.mark.parametrize("kind", [RECEIPT, NEWS])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_wrote_stays_text(kind: MailKind, hostile: str, settings: Settings) -> None:
    plain = rendering.render(kind, CONTEXT | {"name": "Ann"}, "en")
    rendered = rendering.render(kind, CONTEXT | {"name": hostile}, "en")
    folded = " ".join(hostile.split())
    assert folded in shown(rendered.text)
    assert folded in shown(rendered.subject)
    assert "\n" not in rendered.subject
    assert links(rendered).tags == links(plain).tags
    assert links(rendered).addresses == links(plain).addresses
    body = rendered.html.partition("<body>")[2]
    assert not re.search(rf"(https?://|www\.)(?!{re.escape(settings.SITE_URL.partition('//')[2])}/)", rendered.text)
    assert not re.search(r"(?<!@)evil\.test", rendered.text + body)


def test_a_value_without_escaping_would_be_a_link() -> None:
    """The twin: the same text as staff's Markdown is a link, so the test above can see one."""
    rendered = rendering.render(NEWS, CONTEXT | {"body": "[click](http://evil.test)"}, "en")
    assert "http://evil.test" in links(rendered).addresses
    assert "click <http://evil.test>" in rendered.text


def test_names_with_dots_and_mailboxes_read_as_written() -> None:
    assert values.unlinked("J. R. Müller, ann@example.org") == "J. R. Müller, ann@example.org"
    assert values.unlinked("see evil.test") == "see evil.\u2060test"
    assert values.unlinked("http://x") == "http:\u2060//x"


def test_the_portals_own_address_is_a_link(settings: Settings) -> None:
    url = f"{settings.SITE_URL}/zh-hant/tf/leadership-development/x_y/?a=1&b=2"
    rendered = rendering.render(RECEIPT, CONTEXT | {"url": url}, "en")
    assert f"Open it <{url}>" in rendered.text
    assert url in links(rendered).addresses
    bare = rendering.render(NEWS, CONTEXT | {"url": url}, "en")
    assert f"\n{url}\n" in bare.text
    assert url in links(bare).addresses


def test_a_long_address_may_break_where_it_is_shown_and_stays_whole_where_it_leads(settings: Settings) -> None:
    """A token without such places makes a mail as wide as itself on a phone."""
    url = f"{settings.SITE_URL}/en/subscriptions/confirm/{'Wy-J_uZ3' * 30}/?a=1&b=2"
    html = rendering.render(NEWS, CONTEXT | {"url": url}, "ar").html
    assert url in links(rendering.Rendered("", "", html)).addresses
    shown_link = re.findall(r">(http[^ ]*)</a>", html)[0]
    assert unescape(shown_link.replace("<wbr>", "")) == url
    assert max(map(len, shown_link.split("<wbr>"))) <= 24


def test_an_address_that_only_begins_like_ours_is_text(settings: Settings) -> None:
    rendered = rendering.render(RECEIPT, CONTEXT | {"name": f"{settings.SITE_URL}.evil.test/"}, "en")
    assert not [address for address in links(rendered).addresses if "evil" in address]


@pytest.mark.parametrize("language", languages.CODES)
def test_both_parts_are_in_the_recipients_language(language: str) -> None:
    with translation.override("de"):
        rendered = rendering.render(kinds.get("account-login-code"), {"code": "ABCD-2345", "minutes": 3}, language)
        assert translation.get_language() == "de"
    assert f'<html lang="{languages.html_lang(language)}" dir="{languages.direction(language)}">' in rendered.html
    assert "ABCD-2345" in rendered.text
    assert re.search("<strong>(<bdi>)?ABCD-2345(</bdi>)?</strong>", rendered.html)
    assert not links(rendered).attributes & {"style", "class", "onclick", "src"}
    assert "style" not in links(rendered).tags


def under(language: str, zone: str, instant: str = CONTEXT["closes_at"]) -> list[str]:
    """The lines that a rule's name has below it."""
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        return plaintext.from_markdown(f"x{mail_tags.instant(instant)}").splitlines()[1:]


@pytest.mark.parametrize(
    ("language", "zone", "lines"),
    [
        ("en", "Europe/Berlin", ["1 March 2022, 12:00 UTC", "Your time: 1 March 2022, 13:00 (Berlin)"]),
        ("en", "US/Eastern", ["1 March 2022, 12:00 UTC", "Your time: 1 March 2022, 07:00 (New York)"]),
        ("en", "Asia/Kathmandu", ["1 March 2022, 12:00 UTC", "Your time: 1 March 2022, 17:45 (Kathmandu)"]),
        ("en", "Etc/GMT+5", ["1 March 2022, 12:00 UTC", "Your time: 1 March 2022, 07:00 (UTC-05:00)"]),
        ("en", "UTC", ["1 March 2022, 12:00 UTC"]),
        ("en", "Etc/UTC", ["1 March 2022, 12:00 UTC"]),
        ("en", "Europe/London", ["1 March 2022, 12:00 UTC"]),
    ],
)
def test_instants_in_utc_and_below_in_the_readers_own_time(language: str, zone: str, lines: list[str]) -> None:
    assert under(language, zone) == lines


@pytest.mark.parametrize(
    ("language", "zone", "place"),
    [
        ("zh-hant", "Europe/Berlin", "柏林"),
        ("ar", "Asia/Taipei", "تايبيه"),
        ("ru", "America/New_York", "Нью-Йорк"),
        ("de", "Atlantic/Reykjavik", "Reykjavík"),
    ],
)
def test_a_zone_is_its_place_in_the_readers_language(language: str, zone: str, place: str) -> None:
    summer = "2022-07-01T12:00:00+00:00"
    assert zones.place(zone, language) == place
    assert place in under(language, zone, summer)[-1] or zone == "Atlantic/Reykjavik"


# A bracket that opens within another, and the name that a zone has in the database.
BAD_ZONES = re.compile(r"[(（][^()（）]*[(（]|[A-Z][a-z]+/[A-Z][a-z]+")


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh-hant", "ar", "de"])
def test_no_mail_nests_brackets_or_names_a_zone_of_the_database(language: str) -> None:
    for name in every_mail():
        kind = kinds.get(name)
        context = kinds.sample_of(kind, language)
        text = rendering.render(kind, context, language, "America/Argentina/Buenos_Aires").text
        found = [line for line in text.splitlines() if BAD_ZONES.search(re.sub(r"https?://\S+", "", line))]
        assert not found, (name, found)
    assert BAD_ZONES.search("28 February 2022 (Europe/Berlin)")
    assert BAD_ZONES.search("AoE (1 March, 12:00 UTC (1 March, 13:00 in Berlin))")


@pytest.mark.parametrize("wrong", ["soon", "2022-03-01T12:00:00", ""])
def test_an_instant_without_an_offset_is_an_error(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        mail_tags.utc(wrong)


def test_a_day_at_the_start_of_a_line_makes_no_list() -> None:
    with translation.override("de"):
        assert plaintext.from_markdown(str(mail_tags.day("2022-03-01"))) == "1. März 2022"


def test_plain_text_reads_well() -> None:
    source = """One *line*
goes on.\\
Here it breaks.

1. first
2. second
   - inner [link](https://x.test/a)

> said

---

<https://x.test/ä>

    code
"""
    assert plaintext.from_markdown(source) == (
        "One line goes on.\nHere it breaks.\n\n1. first\n2. second\n   - inner link <https://x.test/a>\n\n"
        "> said\n\n* * *\n\nhttps://x.test/%C3%A4\n\ncode"
    )


def test_a_template_without_a_subject_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MailKind, "template", "mail/footer.md")
    with pytest.raises(rendering.NoSubject):
        rendering.render(RECEIPT, CONTEXT, "en")


def every_mail() -> list[str]:
    """The names of all kinds that the portal itself registers."""
    return [kind.name for kind in kinds.all_kinds() if not kind.name.startswith("test-")]


@pytest.mark.dear
@pytest.mark.parametrize("language", languages.CODES)
def test_every_mail_of_the_portal_renders_in_every_language(language: str) -> None:
    assert {"account-login-code", "account-confirm-code"} <= set(every_mail())
    for name in every_mail():
        kind = kinds.get(name)
        rendered = rendering.render(kind, kind.sample(), language, "Asia/Taipei")
        assert rendered.subject, name
        assert len(rendered.text) > 40, name
        leftovers = re.findall(r"[{}]|%\(|\*\*|\]\(|\\", rendered.text + rendered.subject)
        assert not leftovers, (name, language, leftovers)
        own = {address for address in links(rendered).addresses if address.startswith("http")}
        assert own, name


def expressions(node: Node | Template) -> Iterator[FilterExpression]:
    """Every filter expression in a compiled template, at any depth."""
    seen: list[object] = [node]
    while seen:
        value = seen.pop()
        if isinstance(value, FilterExpression):
            yield value
        elif isinstance(value, list | tuple):
            seen.extend(value)
        elif isinstance(value, dict):
            seen.extend(value.values())
        elif isinstance(value, Node | Template) or type(value).__name__ in ("TemplateLiteral", "NodeList"):
            seen.extend(inner for name, inner in vars(value).items() if name not in ("origin", "token", "parser"))


def strange_filters(template: Template) -> set[str]:
    """Filters in a mail template that are not the mail library's: what they return is not escaped as Markdown."""
    known = set(mail_tags.register.filters)
    used = {
        function.__name__ if name is None else name
        for expression in expressions(template)
        for name, function in ((getattr(f, "_filter_name", None), f) for f, _ in expression.filters)
    }
    return used - known


def test_mail_templates_use_only_the_mail_librarys_filters() -> None:
    engine = engines["django"]
    assert isinstance(engine, DjangoTemplates)
    for name in [kinds.get(name).template for name in every_mail()] + ["mail/footer.md"]:
        compiled = engine.get_template(name)
        assert not strange_filters(compiled.template), name
    twin = engine.from_string(
        "{% blocktranslate trimmed with x=name|upper %}{{ x }}{% endblocktranslate %}{{ a|safe }}"
    )
    assert strange_filters(twin.template) == {"upper", "safe"}
