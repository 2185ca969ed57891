"""The preview: what readers will see, before anything is sent, with the form still filled."""

import re
from datetime import timedelta

import pytest

from feedback.models import FeedbackItem, FeedbackWindow
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES
from tests.feedback.pages import address, filled, main_form, parsed, text_question


def said(html: str) -> str:
    """What stands in the article, without what a text has once it is sent: its reference, and the ways to agree and to
    report."""
    article = html[html.index("<article") : html.index("</article>")]
    article = re.sub(r'<a href="[^"]*"><bdi dir="ltr">[^<]*</bdi></a> · ', "", article)
    article = re.sub(r'\s*<p class="pt-said__acts">.*?</p>\s*', "", article, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r'(id|aria-labelledby)="[^"]*"', "", article)).strip()


@pytest.mark.parametrize("visibility", ["public", "nameless"])
def test_it_is_what_readers_see_then(window: FeedbackWindow, visitor: Client, clock: Clock, visibility: str) -> None:
    fields = filled(visitor, visibility=visibility, name="Ada <b>" if visibility == "public" else "")
    fields[text_question(fields)] = "One\n\n<script>two</script>"
    shown = visitor.post(address(), {**fields, "act": "preview"})
    html = shown.content.decode()
    assert shown.status_code == 200
    assert FeedbackItem.objects.count() == 0
    assert "What everybody will read" in html
    again = parsed(html).fields
    assert again is not None
    assert {**again, "csrfmiddlewaretoken": ""} == {**fields, "csrfmiddlewaretoken": ""}
    assert visitor.post(address(), again).status_code == 303
    read = Client().get(f"{address()}items/").content.decode()
    assert said(read) == said(html)


def test_what_is_for_staff_says_so(window: FeedbackWindow, visitor: Client) -> None:
    html = visitor.post(address(), filled(visitor, visibility="staff", name="Ada", act="preview")).content.decode()
    assert "What the people who run the process will read" in html
    assert "<bdi>Ada</bdi>" in said(html)
    assert FeedbackItem.objects.count() == 0


def test_an_error_is_shown_instead(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor, act="preview")
    html = visitor.post(address(), {**fields, text_question(fields): ""}).content.decode()
    assert "Please answer at least one question." in html
    assert "<article" not in html


def test_after_the_close_and_of_what_was_sent_it_says_what_sending_would(
    window: FeedbackWindow, visitor: Client, clock: Clock
) -> None:
    fields = filled(visitor)
    visitor.post(address(), fields)
    assert visitor.post(address(), {**fields, "act": "preview"}).status_code == 409
    fresh = filled(visitor)
    clock.set(CLOSES + timedelta(days=1))
    refused = visitor.post(address(), {**fresh, "act": "preview"})
    assert refused.status_code == 403
    assert "Leaders grow where they are trusted." in refused.content.decode()


def test_a_change_is_previewed_too(window: FeedbackWindow, visitor: Client) -> None:
    own = visitor.post(address(), filled(visitor, visibility="public", name="Ada")).headers["Location"]
    fields = main_form(visitor, f"{own}edit/")
    fields[text_question(fields)] = "Something else."
    html = visitor.post(f"{own}edit/", {**fields, "act": "preview"}).content.decode()
    assert "Something else." in said(html)
    assert "changed by its author" in said(html)
    again = parsed(html).fields
    assert again is not None
    assert visitor.post(f"{own}edit/", again).status_code == 303
    assert said(Client().get(f"{address()}items/").content.decode()) == said(html)
