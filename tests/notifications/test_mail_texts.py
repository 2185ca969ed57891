"""Every mail that the portal can send: complete in every language, and shown to staff."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.notifications import kinds, rendering
from taskforce.notifications.admin import KINDS
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.occasions import OCCASIONS
from tests.clients import Client

MAILS = Path(settings.BASE_DIR) / "templates" / "mail"
# No mails of their own: the end of each, and what those say that somebody else may have caused.
SHARED = {"call-change.md", "footer.md", "not-you.md", "stop.md"}
# What is left of a placeholder that nothing has filled.
LEFTOVER = re.compile(r"\{[{%]|[%}]\}|%\(|\bNone\b|\{\w*\}|\bstring_if_invalid\b")
LIST = "/en/admin/mail-texts/"


def portal_kinds() -> list[MailKind]:
    """The portal's kinds, without those of the tests."""
    return [kind for kind in kinds.all_kinds() if not kind.name.startswith("test-")]


NAMES = [kind.name for kind in portal_kinds()]


def problems(kind: MailKind, language: str) -> list[str]:
    """What is wrong with a kind's sample in a language."""
    mail = rendering.render(kind, kinds.sample_of(kind, language), language, "Asia/Taipei")
    found = [f"{LEFTOVER.search(part)} in {part}" for part in mail if LEFTOVER.search(part)]
    found += [f"no {field}" for field in mail._fields if not getattr(mail, field).strip()]
    return found


def used(kind: MailKind) -> set[str]:
    """The names at the start of every placeholder of a kind's template that the template does not bind itself."""
    source = (MAILS / f"{kind.name}.md").read_text(encoding="utf-8")
    bound = set(re.findall(r"\bas (\w+)", source)) | set(re.findall(r"{% for (\w+) in", source))
    bound |= set(re.findall(r"(?:with|count|and)?\s(\w+)=", source))
    return set(re.findall(r"{{ (\w+)", source)) - bound


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_every_sample_reads_well(name: str) -> None:
    found = {language: problems(kinds.get(name), language) for language in languages.CODES}
    assert {language: wrong for language, wrong in found.items() if wrong} == {}


def test_a_sample_fills_every_placeholder() -> None:
    found = {kind.name: used(kind) - set(kinds.sample_of(kind, "en")) for kind in portal_kinds()}
    assert {name: missing for name, missing in found.items() if missing} == {}


def test_a_sample_with_a_hole_is_found(own_kinds: None) -> None:
    broken = MailKind("test-news", kinds.get("test-news").mail_class, sample=lambda: {"name": "{{ x }} None"})
    assert problems(broken, "en")


def test_each_template_has_a_kind_and_each_kind_a_template() -> None:
    assert {path.name for path in MAILS.glob("*.md")} - SHARED == {f"{name}.md" for name in NAMES}


def test_each_kind_has_words_for_staff() -> None:
    assert set(NAMES) - set(KINDS) == set()
    assert set(NAMES) - set(OCCASIONS) == set()


@pytest.mark.parametrize("name", ["coordinator", "reviewer1", "moderator", "privacy", "observer", "admin"])
def test_all_staff_see_the_list(client: Client, people: dict[str, User], name: str) -> None:
    client.force_login(people[name])
    page = client.get(LIST).content.decode()
    assert [kind for kind in NAMES if f'href="{LIST}{kind}/"' not in page] == []
    assert f'href="{LIST}"' in client.get("/en/admin/").content.decode()


def test_nobody_else_does(client: Client, people: dict[str, User]) -> None:
    for name in ("translator", "member"):
        client.force_login(people[name])
        assert client.get(LIST).status_code == 302, name
        assert client.get(f"{LIST}announcement/").status_code == 302, name


@pytest.mark.parametrize("code", ["ar", "zh-hant"])
def test_a_text_is_shown_in_a_chosen_language(client: Client, people: dict[str, User], code: str) -> None:
    client.force_login(people["observer"])
    response = client.get(f"{LIST}phase-extended/?language={code}")
    kind = kinds.get("phase-extended")
    rendered = rendering.render(kind, kinds.sample_of(kind, code), code)
    shown = response.context["mail"]
    assert shown.subject == rendered.subject
    assert shown.text.startswith(rendered.text.partition("\n-- ")[0])
    assert "/unsubscribe/" in shown.text
    assert f'lang="{languages.html_lang(code)}" dir="{languages.direction(code)}"' in response.content.decode()
    assert client.get(f"/{code}/admin/mail-texts/phase-extended/").context["language"] == code


@pytest.mark.parametrize("name", ["none", "x" * 500])
def test_a_mail_that_is_none_is_not_found(client: Client, people: dict[str, User], name: str) -> None:
    client.force_login(people["observer"])
    assert client.get(f"{LIST}{name}/").status_code == 404
