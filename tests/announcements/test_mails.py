"""The mail about an announcement: in the reader's language by chain, once."""

import re

import pytest
from pytest_django import Settings

from taskforce.accounts.models import User
from taskforce.announcements import notices
from taskforce.core import languages
from taskforce.notifications import expansion, kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from tests.announcements.test_services import AT, draft
from tests.portal.making import publish_tested


@pytest.fixture
def mails(tf: TaskForce, people: dict[str, User]) -> dict[str, rendering.Rendered]:
    """By language, what the followers get of an announcement in English and (title only) Chinese."""
    for code in ("en", "zh-hant", "zh-hans", "ar"):
        options = {"mailbox": f"{code}@example.org", "topics": ["announcements"], "language": code}
        timeline.follow(tf, **options, at=AT)  # type: ignore[arg-type]  # one dict for all arguments
    timeline.follow(tf, mailbox="no@example.org", topics=["deadlines"], language="en", at=AT)
    publish_tested(draft(tf), people["coordinator"])
    for _ in range(2):
        expansion.expand_due()
    return {
        message.language: rendering.render(kinds.get(message.kind), message.context, message.language)
        for message in OutboxMessage.objects.filter(kind=notices.ANNOUNCEMENT)
    }


def test_followers_of_announcements_get_one_each(mails: dict[str, rendering.Rendered]) -> None:
    assert sorted(mails) == ["ar", "en", "zh-hans", "zh-hant"]
    assert OutboxMessage.objects.filter(kind=notices.ANNOUNCEMENT).count() == 4


def test_title_and_body_stand_in_the_mail(mails: dict[str, rendering.Rendered]) -> None:
    mail = mails["en"]
    assert "The members are chosen" in mail.subject
    assert "<strong>begin</strong>" in mail.html
    assert "begin" in mail.text
    assert "/en/tf/leadership-development/news/members/" in mail.text
    assert "not translated" not in mail.text


def test_the_chain_serves_title_and_body_each(mails: dict[str, rendering.Rendered]) -> None:
    for code in ("zh-hant", "zh-hans"):
        assert "成員名單公布" in mails[code].subject
        assert "begin" in mails[code].text
        assert f"/{code}/tf/leadership-development/news/members/" in mails[code].text
    assert "The members are chosen" in mails["ar"].subject


def test_names_in_another_language_carry_it(mails: dict[str, rendering.Rendered]) -> None:
    assert re.search(r'<span lang="en"[^>]*>The members are chosen', mails["ar"].html)
    assert re.search(r'<span lang="zh-Hant"[^>]*>成員名單公布', mails["zh-hans"].html)
    assert "<span lang" not in mails["en"].html


def test_a_link_to_a_page_of_the_portal_has_its_host(settings: Settings) -> None:
    kind = kinds.get(notices.ANNOUNCEMENT)
    body = "See the [dates](/en/tf/x/), [there](https://example.org/y) or [elsewhere](//example.org/z)."
    mail = rendering.render(kind, kind.sample() | {"body": body}, "en")
    assert f'href="{settings.SITE_URL}/en/tf/x/"' in mail.html
    assert f"{settings.SITE_URL}/en/tf/x/" in mail.text
    assert 'href="https://example.org/y"' in mail.html
    assert f"{settings.SITE_URL}//" not in mail.html + mail.text


def test_a_body_in_another_language_is_named_so(mails: dict[str, rendering.Rendered]) -> None:
    for code in ("zh-hant", "ar"):
        assert "English" in mails[code].text
    assert "English" not in mails["en"].text


@pytest.mark.parametrize("language", languages.CODES)
def test_the_sample_can_be_read_in_every_language(language: str) -> None:
    kind = kinds.get(notices.ANNOUNCEMENT)
    mail = rendering.render(kind, kind.sample(), language)
    assert "The members are chosen" in mail.subject
    assert "<strong>today</strong>" in mail.html


@pytest.mark.usefixtures("mails")
def test_a_test_says_so_above_the_same_mail(people: dict[str, User]) -> None:
    message = OutboxMessage.objects.get(kind="announcement-test")
    kind = kinds.get(message.kind)
    mail = rendering.render(kind, message.context, message.language)
    assert (message.mailbox, kind.mail_class) == (people["coordinator"].email, "transactional")
    assert mail.subject == "[Test] Leadership development: The members are chosen"
    assert mail.text.index("This is a test that only you get.") < mail.text.index("They begin today.")
