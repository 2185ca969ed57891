"""A draft that several want to change at once: two tabs, sending, the sweep; and what lies between two savings."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection

from feedback import browsers, earlier, services
from feedback.enums import Participation
from feedback.models import FeedbackAnswer, FeedbackDraft, FeedbackItem, FeedbackWindow
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from tests.clients import Client
from tests.feedback.pages import address, filled, main_form, parsed, text_question
from tests.feedback.test_drafts import WORDS, keep, typed_in
from tests.meeting import Both, until

Draft = FeedbackDraft | None
PASSWORD = "a long enough secret"


def same_browser(visitor: Client) -> Client:
    """Another tab: the same cookies, at the same time."""
    tab = Client(enforce_csrf_checks=True)
    tab.cookies.update(visitor.cookies)
    return tab


def meanwhile(*acts: Callable[[], Any]) -> list[Any]:
    """What several do at once."""

    def one(act: Callable[[], Any]) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(30) for done in [pool.submit(one, act) for act in acts]]


def words() -> str:
    """What the one draft says."""
    fields = FeedbackDraft.objects.get().fields
    return str(fields[text_question(fields)][0])


@pytest.mark.long
@pytest.mark.parametrize("holds", [True, False], ids=["as it is", "twin"])
def test_two_tabs_that_save_at_once_overwrite_nothing(
    committed: None, window: FeedbackWindow, visitor: Client, monkeypatch: pytest.MonkeyPatch, *, holds: bool
) -> None:
    """The twin reads the draft without holding it."""
    keep(visitor)
    both, draft = Both(), earlier.draft

    def slowly(window_id: int, unit_id: int | None, browser: str, *, is_to_change: bool = False) -> Draft:
        found = draft(window_id, unit_id, browser, is_to_change=is_to_change and holds)
        if is_to_change:
            # Where it is held the other waits for this one, and never comes here meanwhile.
            both.meet()
        return found

    tabs = [same_browser(visitor) for _ in range(2)]
    typed = [dict(main_form(tab, address())) for tab in tabs]
    monkeypatch.setattr(earlier, "draft", slowly)

    def save(number: int) -> int:
        fields = {**typed[number], text_question(typed[number]): f"From tab {number}.", "act": "keep"}
        return int(tabs[number].post(address(), fields).status_code)

    answers = meanwhile(lambda: save(0), lambda: save(1))
    if not holds:
        assert answers == [303, 303]  # of which one has lost what it was told is saved
        return
    assert sorted(answers) == [303, 409]
    assert words() == f"From tab {answers.index(303)}."
    assert FeedbackDraft.objects.get().version == 2


@pytest.mark.long
def test_two_tabs_that_save_the_first_draft_at_once_are_two_texts_and_one_draft(
    committed: None, window: FeedbackWindow, visitor: Client
) -> None:
    keep(visitor)
    FeedbackDraft.objects.all().delete()
    tabs = [same_browser(visitor) for _ in range(4)]
    typed = [dict(main_form(tab, address())) for tab in tabs]

    def save(number: int) -> Any:
        fields = {**typed[number], text_question(typed[number]): f"From tab {number}.", "act": "keep"}
        return tabs[number].post(address(), fields)

    answers = meanwhile(*(lambda number=number: save(number) for number in range(4)))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [303, 409, 409, 409]
    first = f"From tab {statuses.index(303)}."
    assert words() == first
    for number, answer in enumerate(answers):
        if answer.status_code == 409:
            assert first in answer.content.decode()
            assert f"From tab {number}.</textarea>" in answer.content.decode()


def drop_whatever(window_id: int, unit_id: int | None, browser: str, fields: object, *, version: int) -> None:
    """Without a look at which draft it is: the mistake."""
    FeedbackDraft.objects.filter(window=window_id, unit=unit_id, browser_hash=browser).delete()


@pytest.mark.long
@pytest.mark.parametrize(
    ("drop", "holds"), [(services.drop_sent, True), (drop_whatever, False)], ids=["as it is", "twin"]
)
def test_what_is_saved_while_the_form_is_sent_stays(
    committed: None,
    window: FeedbackWindow,
    visitor: Client,
    monkeypatch: pytest.MonkeyPatch,
    drop: Callable[..., None],
    *,
    holds: bool,
) -> None:
    """The item is there; before the draft goes, another tab saves more."""
    keep(visitor)
    sending, saved = Event(), Event()
    tabs = [same_browser(visitor) for _ in range(2)]
    typed = [dict(main_form(tab, address())) for tab in tabs]
    name = text_question(typed[0])

    def late(*place: Any, **more: Any) -> None:
        sending.set()
        assert saved.wait(20)
        drop(*place, **more)

    def save() -> int:
        assert sending.wait(20)
        try:
            return int(tabs[1].post(address(), {**typed[1], name: "And more.", "act": "keep"}).status_code)
        finally:
            saved.set()

    monkeypatch.setattr(services, "drop_sent", late)
    assert meanwhile(lambda: tabs[0].post(address(), {**typed[0]}).status_code, save) == [303, 303]
    assert FeedbackAnswer.objects.get().text == WORDS
    assert FeedbackDraft.objects.exists() is holds
    if holds:
        assert words() == "And more."


def test_what_somebody_saves_after_it_was_sent_is_not_lost_either(window: FeedbackWindow, visitor: Client) -> None:
    keep(visitor)
    fields = dict(main_form(visitor, address()))
    assert visitor.post(address(), fields).status_code == 303
    assert not FeedbackDraft.objects.exists()
    assert visitor.post(address(), {**fields, text_question(fields): "And more.", "act": "keep"}).status_code == 303
    assert words() == "And more."
    assert FeedbackItem.objects.count() == 1


def forget_by_ids(at: Any) -> int:
    """Looked up, then deleted: the mistake."""
    found = list(FeedbackDraft.objects.filter(kept_at__lt=at - browsers.KEPT_FOR).values_list("pk", flat=True))
    return int(FeedbackDraft.objects.filter(pk__in=found).delete()[0])


@pytest.mark.long
@pytest.mark.parametrize(
    ("forget", "holds"), [(services.forget_drafts, True), (forget_by_ids, False)], ids=["as it is", "twin"]
)
def test_what_is_saved_in_the_moment_in_which_it_would_be_forgotten_stays(
    committed: None,
    window: FeedbackWindow,
    visitor: Client,
    monkeypatch: pytest.MonkeyPatch,
    forget: Callable[[Any], int],
    *,
    holds: bool,
) -> None:
    keep(visitor)
    tab = same_browser(visitor)
    fields = dict(main_form(tab, address()))
    FeedbackDraft.objects.update(kept_at=app_now() - browsers.KEPT_FOR - timedelta(seconds=1))
    held, swept, draft = Event(), Event(), earlier.draft

    def slowly(window_id: int, unit_id: int | None, browser: str, *, is_to_change: bool = False) -> Draft:
        found = draft(window_id, unit_id, browser, is_to_change=is_to_change)
        if is_to_change:
            held.set()
            until(swept.is_set)  # the sweep comes to the row meanwhile
        return found

    monkeypatch.setattr(earlier, "draft", slowly)
    at = app_now()

    def sweep() -> int:
        assert held.wait(20)
        try:
            return forget(at)
        finally:
            swept.set()

    more = {**fields, text_question(fields): "And more.", "act": "keep"}
    answers = meanwhile(lambda: tab.post(address(), more).status_code, sweep)
    assert answers == [303, 0 if holds else 1]
    assert FeedbackDraft.objects.exists() is holds


def test_another_language_meanwhile_is_another_tab(window: FeedbackWindow, visitor: Client) -> None:
    keep(visitor)
    english = dict(main_form(visitor, address()))
    arabic = dict(main_form(visitor, address("ar")))
    name = text_question(english)
    assert arabic[name] == WORDS
    assert visitor.post(address("ar"), {**arabic, name: "كلمات أخرى", "act": "keep"}).status_code == 303
    answer = visitor.post(address(), {**english, name: "Other words.", "act": "keep"})
    assert answer.status_code == 409
    assert "كلمات أخرى" in answer.content.decode()
    assert "Other words.</textarea>" in answer.content.decode()
    assert typed_in(visitor) == "كلمات أخرى"


def sign_in(visitor: Client) -> None:
    """By the form, which begins a new session."""
    page = main_form(visitor, "/en/accounts/login/")
    fields = {**page, "login": "ann@example.org", "password": PASSWORD}
    assert visitor.post("/en/accounts/login/", fields).status_code == 302


def test_it_survives_signing_in_and_out(window: FeedbackWindow, visitor: Client) -> None:
    """In the same browser; whoever signs in elsewhere finds nothing (docs/security.md)."""
    create_account("ann@example.org", at=app_now(), name="Ann", password=PASSWORD)
    keep(visitor)
    sign_in(visitor)
    assert typed_in(visitor) == WORDS
    keep(visitor, "Signed in.", kept="1")
    elsewhere = Client(enforce_csrf_checks=True)
    sign_in(elsewhere)
    assert typed_in(elsewhere) == ""
    assert visitor.post("/en/accounts/logout/", dict(main_form(visitor, "/en/accounts/logout/"))).status_code == 302
    assert typed_in(visitor) == "Signed in."


def test_another_tab_saves_while_somebody_is_sent_to_the_sign_in(window: FeedbackWindow, visitor: Client) -> None:
    """Both texts are shown before anybody signs in; sent again it waits behind the sign-in, and then goes."""
    create_account("ann@example.org", at=app_now(), name="Ann", password=PASSWORD)
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=Participation.ACCOUNT)
    keep(visitor)
    older = filled(visitor)
    keep(visitor, "From another tab.", kept="1")
    answer = visitor.post(address(), {**older, text_question(older): "From this one."})
    assert answer.status_code == 409
    again = parsed(answer.content.decode()).fields
    assert again is not None
    answer = visitor.post(address(), again)
    assert (answer.status_code, words()) == (302, "From this one.")
    assert "/accounts/login/" in answer.headers["Location"]
    sign_in(visitor)
    assert typed_in(visitor) == "From this one."
    assert visitor.post(address(), filled(visitor)).status_code == 303
    assert not FeedbackDraft.objects.exists()
    assert FeedbackAnswer.objects.get().text == "From this one."


def test_it_survives_a_form_that_has_expired(window: FeedbackWindow, visitor: Client) -> None:
    """The key of the form and its version are gone, the words are not."""
    keep(visitor)
    fields = {**main_form(visitor, address()), "form_key": "x"}
    html = visitor.post(address(), {**fields, text_question(fields): "More."}).content.decode()
    assert "This form has expired" in html
    again = parsed(html).fields
    assert again is not None
    assert (again["kept"], again[text_question(fields)]) == ("1", "More.")
    assert visitor.post(address(), {**fields, text_question(fields): "More.", "act": "keep"}).status_code == 303
    assert typed_in(visitor) == "More."
    # The cookie that proves where a form comes from is gone: refused, and the draft is where it was.
    del visitor.cookies["csrf"]
    assert visitor.post(address(), {**fields, "act": "keep"}).status_code == 403
    assert typed_in(visitor) == "More."
