"""One's own text by its link: readable and withdrawable by whoever has the link, by nobody else, at any time."""

import re
from datetime import timedelta
from typing import Any

import pytest

from feedback.models import FeedbackItem, FeedbackWindow
from feedback.services import withdraw
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import AT, CLOSES
from tests.feedback.pages import address, filled, main_form, parsed


def sent(visitor: Client, language: str = "en", **changes: Any) -> str:
    return visitor.post(address(language), filled(visitor, address(language), **changes)).headers["Location"]


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_the_receipt_in_three_languages(window: FeedbackWindow, visitor: Client, language: str) -> None:
    response = visitor.get(sent(visitor, language))
    html = response.content.decode()
    assert response.status_code == 200
    assert html.count("<h1") == 1
    assert f"data-ref>{FeedbackItem.objects.get().reference}</output>" in html
    assert "Leaders grow where they are trusted." in html


def test_the_receipt_leads_back_and_calls_things_by_their_names(window: FeedbackWindow, visitor: Client) -> None:
    location = sent(visitor, "ar")
    html = visitor.get(location).content.decode()
    crumbs = html[html.index("pt-breadcrumbs") : html.index("<main")]
    assert f'<a href="{address("ar")}">' in crumbs
    assert crumbs.count("aria-current") == 1
    code = html[html.index("<code") : html.index("</code>")]
    assert 'dir="ltr"' in code
    assert code.endswith(location)
    english = visitor.get(location.replace("/ar/", "/en/")).content.decode()
    assert 'Read “<span lang="en" dir="ltr">Leadership for everybody</span>”' in english
    assert "this text" not in english
    assert "the text" not in english


def test_the_private_address_can_be_copied(window: FeedbackWindow, visitor: Client) -> None:
    """The button shows itself where there is a script for it; what it says is read out."""
    html = visitor.get(sent(visitor)).content.decode()
    block = html[html.index('class="pt-keep"') : html.index("</section>", html.index('class="pt-keep"'))]
    (button,) = re.findall(r"<button[^>]*>", block)
    source = re.search(r'data-copy="([^"]+)"', button)
    assert source is not None
    assert f'id="{source[1]}"' in re.findall(r"<code[^>]*>", block)[0]
    assert "hidden" in button
    assert 'type="button"' in button
    assert 'role="status"></span>' in block
    assert re.search(r'<script src="/static/portal/copy[^"]*\.js" defer></script>', html)


def test_the_receipt_is_kept_from_caches_indexes_and_other_sites(window: FeedbackWindow, visitor: Client) -> None:
    response = visitor.get(sent(visitor))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert parsed(response.content.decode()).fields is None


def test_the_secret_of_the_link_is_nowhere_in_the_database(window: FeedbackWindow, visitor: Client) -> None:
    token = sent(visitor).rstrip("/").rsplit("/", 1)[1]
    item = FeedbackItem.objects.get()
    assert len(token) >= 43
    assert token not in (item.token_hash, item.form_key, item.fields_digest)


@pytest.mark.long
def test_a_wrong_link_is_404_whatever_its_bytes(window: FeedbackWindow, visitor: Client) -> None:
    location = sent(visitor)
    for token in ("x", "%FF%FE", "%F0%9F%98%80", "a" * 5000, "%2e%2e", location.split("/")[-2][:-1]):
        for tail in ("", "withdraw/"):
            status = visitor.get(f"{address()}mine/{token}/{tail}").status_code
            assert status == 404, (token[:20], tail, status)
    assert visitor.get(f"{address()}mine/%00/").status_code == 400


def test_the_link_works_in_its_own_window_only(window: FeedbackWindow, visitor: Client) -> None:
    location = sent(visitor)
    FeedbackWindow.objects.create(
        phase=window.phase,
        proposal=window.proposal,
        questions=window.questions,
        slug="other",
        title="Other",
        published_at=AT,
    )
    assert visitor.get(location.replace("responsibilities", "other")).status_code == 404


def test_withdrawing_asks_once_more_and_outlives_the_window(
    window: FeedbackWindow, visitor: Client, clock: Clock
) -> None:
    location = sent(visitor)
    clock.set(CLOSES + timedelta(days=90))
    confirm = f"{location}withdraw/"
    assert f'href="{confirm}"' in visitor.get(location).content.decode()
    fields = main_form(visitor, confirm)
    assert "confirm" not in fields

    unsure = visitor.post(confirm, fields)
    assert unsure.status_code == 200
    assert "Please confirm that you want to withdraw your text." in unsure.content.decode()
    assert FeedbackItem.objects.get().state == "published"

    done = visitor.post(confirm, {**fields, "confirm": "on"})
    assert (done.status_code, done.headers["Location"]) == (303, location)
    item = FeedbackItem.objects.get()
    assert item.state == "withdrawn"
    assert item.state_at is not None
    assert item.state_at >= CLOSES + timedelta(days=90)
    tombstone = visitor.get(location).content.decode()
    assert item.reference in tombstone
    assert "Leaders grow" not in tombstone
    assert Entry.objects.filter(action="feedback.withdrawn", target_id=item.pk).count() == 1


def test_a_withdrawn_text_has_no_name_any_more(
    window: FeedbackWindow, visitor: Client, people: dict[str, User]
) -> None:
    fields = filled(visitor, name="Canary Person", visibility="public")
    location = visitor.post(address(), fields).headers["Location"]
    assert FeedbackItem.objects.get().name == "Canary Person"
    visitor.post(f"{location}withdraw/", filled(visitor, f"{location}withdraw/", confirm="on"))
    assert FeedbackItem.objects.get().name == ""
    staff = Client()
    staff.force_login(people["coordinator"])
    found = staff.get("/en/admin/feedback/feedbackitem/", {"q": "Canary"}).content.decode()
    assert FeedbackItem.objects.get().reference not in found
    # The form that was accepted is still the same form.
    assert visitor.post(address(), fields).headers["Location"] == location


def test_withdrawing_twice_is_withdrawing_once(window: FeedbackWindow, visitor: Client) -> None:
    location = sent(visitor)
    fields = filled(visitor, f"{location}withdraw/", confirm="on")
    for _ in range(2):
        assert visitor.post(f"{location}withdraw/", fields).status_code == 303
    assert visitor.get(f"{location}withdraw/").status_code == 303
    assert Entry.objects.filter(action="feedback.withdrawn").count() == 1
    before = FeedbackItem.objects.get().state_at
    assert withdraw(FeedbackItem.objects.get().pk, at=CLOSES).state_at == before


def test_withdrawing_needs_a_post(window: FeedbackWindow, visitor: Client) -> None:
    location = sent(visitor)
    visitor.get(f"{location}withdraw/?confirm=on")
    assert FeedbackItem.objects.get().state == "published"
    assert visitor.post(location).status_code in (403, 405)
