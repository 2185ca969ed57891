"""A database that is away or lets nobody wait any longer: 503 with what was typed, and when to come again."""

import re
from pathlib import Path
from typing import NoReturn

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError

from feedback import services
from feedback.models import FeedbackItem, FeedbackWindow
from tests.clients import Client
from tests.feedback import pages


def hang(*args: object, **kwargs: object) -> NoReturn:
    raise OperationalError("canceling statement due to statement timeout")


def test_what_was_typed_is_shown_and_nothing_is_acknowledged(
    window: FeedbackWindow, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(services, "submit", hang)
    answer = client.post(pages.address(), pages.filled(client))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "private, no-store"
    page = answer.content.decode()
    assert "<output" not in page
    assert FeedbackItem.objects.count() == 0


def test_what_was_typed_is_wrapped_by_the_only_sheet_that_the_page_has(
    window: FeedbackWindow, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "submit", hang)
    page = client.post(pages.address(), pages.filled(client)).content.decode()
    assert '<pre class="pt-typed"' in page
    names = re.findall(r'href="[^"]*(portal/[a-z]+)[^"/]*\.css"', page)
    sheets = "".join(Path(str(finders.find(f"{name}.css"))).read_text("utf-8") for name in names)
    rule = re.search(r"\.pt-typed \{([^}]*)\}", sheets)
    assert rule is not None
    assert "pre-wrap" in rule[1]


def test_every_language_has_the_page(window: FeedbackWindow, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = pages.main_form(client, pages.address("ar"))
    monkeypatch.setattr(services, "submit", hang)
    text = next(name for name in fields if name.startswith("q-"))
    answer = client.post(pages.address("ar"), {**fields, text: "القادة <b>ينمون</b>"})
    assert answer.status_code == 503
    page = answer.content.decode()
    assert 'dir="rtl"' in page
    assert "القادة &lt;b&gt;ينمون&lt;/b&gt;" in page
