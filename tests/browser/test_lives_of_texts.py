"""Pages that only acts lead to: a restored text and an ended one, a removed paragraph, a decision, old words; paper."""

import pytest

from tests.browser import watch
from tests.browser.running import Portal
from tests.browser.test_pages import look
from tests.browser.visitors import LANGUAGES, NARROW, TASK_FORCE, TEXT, WIDE, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]

REASONS = {
    "en": "The plan of the task force says all of it.",
    "zh-hant": "專案組的計畫已經包括全部內容。",
    "ar": "خطة الفرقة تقول كل ذلك.",
}
_WORDS = """
from taskforce.timeline.models import Phase
phase = Phase.objects.filter(task_force__slug="leadership-development").earliest("opens_at")
print("|".join([str(phase.task_force_id), phase.title_en, phase.title_zh_hant, phase.title_ar]))
"""


def _act_in_section(coordinator: Visitor, act: str) -> None:
    """Open the second section, press the first button that does this."""
    page = coordinator.go(f"/en/{TEXT}edit/")
    page.locator("a[href*='/edit/s/s']").nth(1).click()
    button = page.locator(f".pt-edit__unit button[value^='{act}:']").first
    page.locator(".pt-edit__more > summary").first.click()
    assert coordinator.send(button) == 200


def _removed(coordinator: Visitor) -> str:
    """A paragraph that the text has no more."""
    page = coordinator.page
    _act_in_section(coordinator, "remove")
    gone = page.locator("button[value^='back:']").first.get_attribute("value") or ""
    coordinator.follow("/edit/publish/")
    page.locator("[name=summary]").fill("Taken out")
    assert coordinator.send() == 200
    return gone.removeprefix("back:u")


def test_links_to_paragraphs_that_are_there_and_gone(portal: Portal, visitors: Visitors) -> None:
    """An old link leads to the page of the paragraph, also within the page; without a script it leads to the text."""
    portal.at("feedback-open")
    portal.moved()
    coordinator, reader = visitors.come("coordinator"), visitors.come()
    gone, page = _removed(coordinator), reader.page
    problems = []
    for language in LANGUAGES:
        text, paragraph = f"/{language}/{TEXT}", f"/{language}/{TEXT}u/{gone}/"
        reader.go(f"{text}#u-{gone}")
        page.wait_for_url(f"**{paragraph}")
        problems += look(reader, "paragraph-removed", language)
        reader.go(text)
        there = page.locator(".pt-unit[id^=u-]").nth(2).get_attribute("id")
        page.evaluate(f"location.hash = '{there}'")
        page.locator(f"#{there}:target").wait_for(state="attached")
        assert page.url.endswith(f"{text}#{there}")
        page.evaluate(f"location.hash = 'u-{gone}'")
        page.wait_for_url(f"**{paragraph}")
        # One step back is the page that the old link stood on, not the link once more.
        page.go_back()
        page.wait_for_url(f"**{text}#{there}")
    plain = visitors.come(script=False)
    plain.go(f"/en/{TEXT}#u-{gone}")
    assert plain.page.url.endswith(f"/en/{TEXT}#u-{gone}")
    reader.go(f"/en/{TEXT}#u-not-a-number")
    assert page.url.endswith("#u-not-a-number")
    assert not problems, "\n".join(problems)
    reader.watch.assert_clean()


def test_restoring_and_ending(portal: Portal, visitors: Visitors) -> None:
    """Each page on the way, before and after; and what readers see of a text that has ended."""
    portal.at("feedback-open")
    portal.moved()
    coordinator, reader = visitors.come("coordinator"), visitors.come()
    page, edit = coordinator.page, f"/{{}}/{TEXT}edit/"
    _removed(coordinator)
    problems = []
    for language in LANGUAGES:
        coordinator.go(edit.format(language))
        page.locator("details:has([name=revision]) > summary").click()
        problems += look(coordinator, "restore", language)
        page.locator("[name=revision]").fill("99")
        assert coordinator.send(page.locator("button[value=restore]")) == 404
        problems += look(coordinator, "restore-refused", language)
    page.locator("[name=revision]").fill("1")
    assert coordinator.send(page.locator("button[value=restore]")) == 200
    for language in LANGUAGES:
        coordinator.go(f"{edit.format(language)}publish/")
        problems += look(coordinator, "restored", language)
        coordinator.go(f"{edit.format(language)}end/")
        problems += look(coordinator, "end", language)
    # There is no other published text: nothing to choose.
    assert page.locator("[name=how]").evaluate_all("all => all.map(one => [one.type, one.value])") == [
        ["hidden", "withdraw"]
    ]
    page.locator("details:has([name=reason-en]) > summary").click()
    for code, reason in REASONS.items():
        page.locator(f"[name=reason-{code}]").fill(reason)
    assert coordinator.send() == 200
    for language in LANGUAGES:
        for name, address in {"edit-ended": "", "ended": "end/"}.items():
            coordinator.go(f"{edit.format(language)}{address}")
            problems += look(coordinator, name, language)
        for name, address in {"text-ended": "", "revision-ended": "r/1/", "history-ended": "history/"}.items():
            said = reader.go(f"/{language}/{TEXT}{address}").locator("main").inner_text()
            assert REASONS[language] in said
            problems += look(reader, name, language, dark=name == "text-ended" and language == "en")
    assert not problems, "\n".join(problems)


def test_old_words_and_their_correction(portal: Portal, visitors: Visitors) -> None:
    """The list with something on it, and the page of a label, before and after what was typed is refused."""
    portal.at("feedback-open")
    portal.moved()
    number, *words = portal.manage("shell", "-c", _WORDS).strip().splitlines()[-1].split("|")
    coordinator = visitors.come("coordinator")
    page = coordinator.page
    problems = []
    for language, word in zip(LANGUAGES, words, strict=True):
        coordinator.go(f"/{language}/admin/timeline/taskforce/{number}/old-words/?language={language}")
        page.locator("form[data-main] [name=word]").fill(word)
        page.locator("form[data-main] [name=language]").select_option(language)
        assert coordinator.send() == 200
        coordinator.go(f"/{language}/admin/timeline/taskforce/{number}/old-words/?language={language}")
        problems += look(coordinator, "old-words", language)
        coordinator.follow("/old-words/label:")
        assert word in page.locator("#content-main > p").first.inner_text(), "the page does not say which phase it is"
        problems += look(coordinator, "label", language)
        page.locator("[name=text]").fill(" ")
        assert coordinator.send() in (200, 400)
        problems += look(coordinator, "label-refused", language)
    assert not problems, "\n".join(problems)


def test_what_a_translator_has_kept(portal: Portal, visitors: Visitors) -> None:
    """The list of it, and the page of one paragraph."""
    portal.at("feedback-open")
    portal.moved()
    problems = []
    for language, role in {"en": "coordinator", "zh-hant": "translator", "ar": "translator"}.items():
        translator = visitors.come(role, language=language)
        page = translator.go(f"/{language}/{TEXT}translate/?show=all")
        unit = page.locator("[data-unit]:has(textarea)").first
        name = unit.get_attribute("data-unit")
        unit.locator("textarea").fill(REASONS[language])
        unit.locator("[data-kept-chip]").wait_for()
        translator.go(f"/{language}/{TEXT}translate/?show=kept")
        problems += look(translator, "kept", language)
        translator.go(f"/{language}/{TEXT}translate/{name}/")
        problems += look(translator, "kept-one", language)
    assert not problems, "\n".join(problems)


def test_a_decision_and_its_line(portal: Portal, visitors: Visitors) -> None:
    """The form, the preview, and what everybody reads of it at once."""
    portal.at("feedback-open", "2022-03-02T12:00:00Z")
    portal.moved()
    coordinator, reader = visitors.come("coordinator"), visitors.come()
    page = coordinator.page
    problems = []
    for language in LANGUAGES:
        coordinator.go(f"/{language}/admin/timeline/phase/")
        coordinator.follow("/decide/")
        problems += look(coordinator, "decide", language)
        page.locator("[name=outcome]").first.check()
        for code, reason in REASONS.items():
            field = page.locator(f"[name=reason-{code}]")
            # Folded but for the page's own language and those that say something.
            if not field.is_visible():
                page.locator(f"details:has([name=reason-{code}]) > summary").click()
            field.fill(reason)
        assert coordinator.send() == 200
        problems += look(coordinator, "decide-preview", language)
    page.locator("form[data-main] [type=checkbox]").last.check()
    assert coordinator.send() == 200
    for language in LANGUAGES:
        for name, address in {
            "verdict-home": "",
            "verdict": f"{TASK_FORCE}/",
            "verdict-text": TEXT,
            "verdict-why": f"{TASK_FORCE}/process/",
        }.items():
            reader.go(f"/{language}/{address}")
            problems += look(reader, name, language, dark=name == "verdict" and language == "en")
    assert reader.page.locator(".pt-verdict").count() == 0
    assert REASONS["ar"] in reader.page.locator("main").inner_text()
    assert not problems, "\n".join(problems)


_PRINTED = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.matches("button, form, select, textarea, .pt-nav, .pt-unit__link, summary"))
    .filter(one => one.checkVisibility())
    .map(one => one.outerHTML.slice(0, 120))"""
_CUT = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.checkVisibility())
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(one => one.className)"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_paper(portal: Portal, visitors: Visitors, language: str) -> None:
    """The text, its marks, and where it stands; nothing to press, nothing cut off."""
    portal.at("feedback-open")
    reader = visitors.come(language=language)
    page = reader.page
    # A4 within its margins, at 96 pixels to the inch.
    page.set_viewport_size({"width": 718, "height": 1000})
    page.emulate_media(media="print")
    for name, address in {"text": "", "revision": "r/1/", "difference": "diff/1..4/"}.items():
        reader.go(f"/{language}/{TEXT}{address}")
        watch.picture(page, f"paper-{name}-{language}")
        assert page.evaluate(_PRINTED) == []
        assert page.evaluate(_CUT) == []
        assert page.locator("h1").is_visible()
        if name != "difference":
            assert portal.address in page.locator(".pt-on-paper").inner_text()
    assert page.pdf(format="A4").startswith(b"%PDF")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
    page.emulate_media(media="screen")
    reader.watch.assert_clean()
