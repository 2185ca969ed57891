"""What somebody typed goes with them into another language, and is not left behind without a word."""

import re

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.running import Portal
from tests.browser.visitors import TASK_FORCE, WINDOW, Visitor, Visitors
from tests.browser.watch import picture

pytestmark = [pytest.mark.browser, pytest.mark.stack]

TYPED = "Leaders grow where they are trusted.\nSo trust them."
APPLICATION = f"{TASK_FORCE}/join/application/"
# What `draft.js` keeps in the tab until the portal has it is a draft's, and no part of this; nor is the name by which
# `groups.js` knows a tab again.
CARRYING = "Object.keys(sessionStorage).filter(name => !/^(draft:|unsaved-tab$)/.test(name)).length"
CARRIED = ".pt-carried[role=status] .cdx-message"


def _change_language(visitor: Visitor, language: str) -> Page:
    page = visitor.page
    page.locator(".pt-menu--languages summary").click()
    with page.expect_navigation():
        # Of an application the menu sends the form.
        page.locator(f".pt-menu--languages :is(a[href^='/{language}/'], button[value='in-{language}'])").click()
    return page


@pytest.mark.long
def test_what_was_typed_is_carried_over(portal: Portal, visitors: Visitors) -> None:
    """Text, choice, language and name, once; what nobody typed (the form's key) is the new page's own."""
    portal.at("feedback-open")
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    dialogs: list[Dialog] = []

    def stay(dialog: Dialog) -> None:
        dialogs.append(dialog)
        dialog.accept()

    page.on("dialog", stay)
    visitor.fill_questions(TYPED, choice=1)
    page.locator("[name=visibility][value=public]").check(force=True)
    page.locator("[name=name]").fill("Amani")
    key = page.locator("[name=form_key]").input_value()
    _change_language(visitor, "ar")
    page.locator(CARRIED).wait_for()
    form = page.locator("main form[data-main]")
    assert form.locator("textarea").first.input_value() == TYPED
    assert form.locator("input[type=radio][name^='q-']").nth(1).is_checked()
    assert form.locator("[name=visibility][value=public]").is_checked()
    assert form.locator("[name=name]").input_value() == "Amani"
    assert form.locator("[name=language]").input_value() == "en"
    assert form.locator("[name=form_key]").input_value() not in ("", key)
    assert page.evaluate(CARRYING) == 0
    assert not dialogs, "asked before a change that loses nothing"
    assert visitor.send() == 200
    assert "/mine/" in page.url
    assert not dialogs, "asked before sending"
    visitor.watch.assert_clean()


@pytest.mark.long
def test_nothing_typed_is_nothing_carried(portal: Portal, visitors: Visitors) -> None:
    """Nor does an old copy come back, or one of another page."""
    portal.at("feedback-open")
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    old = """path => sessionStorage.setItem("typed:" + path, JSON.stringify(
        {owner: "", at: Date.now() - 11 * 60000, typed: [{name: "name", value: "Old", checked: null}]}))"""
    page.evaluate(old, f"/{WINDOW}")
    _change_language(visitor, "zh-hant")
    assert page.locator("[name=name]").input_value() == ""
    assert page.evaluate(CARRYING) == 0
    page.wait_for_timeout(150)
    assert page.locator(CARRIED).count() == 0
    visitor.watch.assert_clean()


@pytest.mark.long
def test_who_leaves_with_something_typed_is_asked(portal: Portal, visitors: Visitors) -> None:
    """Only then, and where it cannot be saved by itself on the way."""
    portal.at("feedback-open")
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with page.expect_navigation():
        page.locator(".pt-brand").click()
    assert asked == []
    visitor.go(f"/en/{WINDOW}")
    visitor.fill_questions(TYPED)
    visitor.context.set_offline(True)
    page.locator(".pt-brand").click()
    for _ in range(300):
        if asked:
            break
        page.wait_for_timeout(100)
    assert asked == ["beforeunload"]
    visitor.context.set_offline(False)
    assert page.locator("main form[data-main] textarea").first.input_value() == TYPED


@pytest.mark.long
def test_the_window_closes_meanwhile(portal: Portal, visitors: Visitors) -> None:
    """Its page has no form any more: what was written stands there to be copied, and goes along from there too."""
    portal.at("feedback-last-hour")
    portal.moved()
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    asked: list[str] = []

    def go_on(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", go_on)
    # Before anything is typed: else it is kept as a draft, and no page has to carry it.
    portal.manage("demo_clock", "2022-03-01T12:20:00Z")
    visitor.fill_questions(TYPED, choice=1)
    written = page.locator("main form[data-main] textarea[name^='q-']").count()
    page.locator("[name=name]").fill("<b>Amani")
    for language in ("de", "ar"):
        _change_language(visitor, language)
        page.locator(CARRIED).wait_for()
        assert page.locator("main form[data-main]").count() == 0
        assert page.locator("main pre.pt-typed").all_inner_texts() == [TYPED] * written + ["<b>Amani"]
        labels = page.locator("main .pt-text strong").all()
        assert [label.get_attribute("lang") for label in labels] == ["en"] * (written + 1), "as they were on the page"
        assert page.evaluate(CARRYING) == 0
    assert not asked, "asked before a change that loses nothing"
    picture(page, "typed-to-copy-ar")
    visitor.go(f"/en/{WINDOW}")
    assert asked == ["beforeunload"]
    assert page.locator("main pre.pt-typed").count() == 0
    # What saves itself is refused once the window is closed, and nothing else.
    assert {problem.partition(" for ")[0] for problem in visitor.watch.problems()} <= {"403"}


# --- on a machine that others use too --------------------------------------------------------------------------------


def _typed_signed_out(visitor: Visitor) -> None:
    """An applicant types, and finds at a change of language that their sign-in has ended."""
    page = visitor.become("applicant")
    visitor.go(f"/en/{APPLICATION}")
    page.locator("main form[data-main] textarea").first.fill(TYPED)
    visitor.context.clear_cookies(name=re.compile("session"))
    _change_language(visitor, "ar")
    assert "/accounts/login/" in page.url


@pytest.mark.long
def test_the_next_person_reads_nothing_of_the_last(portal: Portal, visitors: Visitors) -> None:
    """Nor does the tab have it any more; the same person finds it again."""
    portal.at("recruitment-open")
    portal.moved()
    visitor = visitors.come()
    _typed_signed_out(visitor)
    visitor.become("applicant")
    page = visitor.go(f"/ar/{APPLICATION}")
    assert page.locator("main form[data-main] textarea").first.input_value() == TYPED
    page.on("dialog", lambda dialog: dialog.accept())
    _typed_signed_out(visitor)
    visitor.become("member")
    visitor.go(f"/ar/{APPLICATION}")
    assert page.locator("main form[data-main] textarea").first.input_value() == ""
    assert TYPED not in page.locator("main").inner_text()
    assert page.evaluate(CARRYING) == 0


@pytest.mark.long
def test_the_staff_side_throws_them_away_too(portal: Portal, visitors: Visitors) -> None:
    """Whoever comes there in the same tab; what is their own stays, and nothing of it is put into forms there."""
    portal.at("feedback-open")
    visitor = visitors.come("coordinator")
    page = visitor.go("/en/admin/")
    owner = page.locator("[data-owner]").get_attribute("data-owner")
    store = """([name, owner]) => sessionStorage.setItem(
        name, JSON.stringify({owner: owner, at: Date.now(), text: "Words", typed: [{name: "slug", value: "words"}]}))"""
    add = "/en/admin/feedback/feedbackwindow/add/"
    for name, whose in (
        ("typed:/theirs/", "9:mark"), (f"typed:/{WINDOW}", ""), ("translating:de:1", "9:mark"),
        ("translating:de:2", owner), (f"typed:{add.removeprefix('/en')}", owner), ("other", "9:mark"),
    ):  # fmt: skip
        page.evaluate(store, [name, whose])
    visitor.go(add)
    left = page.evaluate("Object.keys(sessionStorage).sort()")
    assert left == ["other", "translating:de:2", f"typed:{add.removeprefix('/en')}"]
    assert page.locator("[name=slug]").input_value() == ""
    visitor.watch.assert_clean()


@pytest.mark.long
@pytest.mark.parametrize("where", ["en/accounts/login/", "en/accounts/email/"])
def test_a_visitors_words_are_for_a_visitor(portal: Portal, visitors: Visitors, where: str) -> None:
    """Their own page has them; the sign-in, and whoever is signed in, throw them away."""
    portal.at("feedback-open")
    visitor = visitors.come("member" if "email" in where else "")
    page = visitor.go("/en/")
    one = {"name": "name", "value": "Words", "checked": None, "label": ""}
    page.evaluate(
        "([key, one]) => sessionStorage.setItem(key, JSON.stringify({owner: '', at: Date.now(), typed: [one]}))",
        [f"typed:/{WINDOW}", one],
    )
    visitor.go(f"/{where}")
    assert page.evaluate(CARRYING) == 0
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.go(f"/en/{WINDOW}")
    assert page.locator("[name=name]").input_value() == ""
