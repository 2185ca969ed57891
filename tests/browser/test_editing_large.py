"""Changing a text of twenty sections and a hundred and fifty units, wide and on a phone: quick, nobody gets lost."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.running import Portal
from tests.browser.visitors import NARROW, WIDE, Visitor, Visitors
from tests.proposals.pages import source
from tests.sampling import FIGURE

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]

T = "large-text"
EDIT = f"/en/tf/{T}/proposals/proposal/edit/"
SECTIONS, UNITS = 20, 150
# Far above what they take, on a machine that does much else.
SECONDS, BYTES = 5.0, 250_000
_SENTENCE = "Paragraph {0} of section {1} says what a working group does, whom it asks, and how long that takes. "


def _body() -> str:
    """The title, twenty headings, and the paragraphs between them."""
    paragraphs = UNITS - SECTIONS - 1
    shares = [paragraphs // SECTIONS + (number < paragraphs % SECTIONS) for number in range(SECTIONS)]
    sections = []
    for number, share in enumerate(shares, start=1):
        written = (_SENTENCE.format(one, number) * 3 for one in range(1, share + 1))
        sections.append("\n\n".join([f"{number}. Section {number}", *written]))
    return "\n\n".join(sections) + "\n"


@pytest.fixture
def large(portal: Portal) -> None:
    """The text, with its coordinator."""
    portal.at("feedback-open")
    portal.moved()
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(source(_body(), title="A large text"))
        file.flush()
        assert f"{UNITS} units" in portal.manage("import_wiki", file.name, "--task-force", T, "--language", "en")
    portal.manage("grant_role", "coordinator@demo.example", "coordinator", "--task-force", T)


def _picture(page: Page, name: str) -> None:
    """What stands in the window: a picture of the whole page would move it."""
    folder = os.environ.get("PICTURES_DIR")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", caret="initial", animations="allow")


class Walk:
    """A coordinator on these pages, with a watch in their hand."""

    def __init__(self, visitor: Visitor, note: Callable[[str, object], None], name: str) -> None:
        self.visitor, self.page, self.note, self.name = visitor, visitor.page, note, name

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """One step, how long it took, and how large the page is that came."""
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        size = len(self.page.content().encode())
        self.note(FIGURE, f"{self.name}, {what}: {took:.2f} s, {size / 1000:.0f} kB")
        _picture(self.page, f"large-{self.name}-{what}")
        assert took < SECONDS, f"{what} took {took:.1f} s"
        assert size < BYTES, f"{what}: a page of {size} bytes"

    def press(self, act: str, unit: Locator) -> None:
        """A button of a paragraph, as a hand would find it: what is folded is opened first."""
        button = unit.locator(f"button[value^='{act}:']")
        if not button.is_visible():
            unit.locator("summary").click()
        self.click(button)

    def click(self, button: Locator) -> None:
        """Press what stands in the window, which a driver would scroll first, and wait for the page that comes."""
        with self.page.expect_navigation() as coming:
            button.evaluate("one => one.click()")
        assert coming.value.status == 200
        self.settled()
        self.page.wait_for_function("document.activeElement !== document.body")

    def settled(self) -> None:
        """The page has gone where it goes by itself."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_timeout(200)

    @property
    def texts(self) -> list[str]:
        """What the fields of the section say, in order."""
        return [field.input_value() for field in self.page.locator("textarea[data-edit-text]").all()]

    def unit(self, number: int) -> Locator:
        """A paragraph of the section, from 0, its heading not counted."""
        return self.page.locator(".pt-edit__unit:has(textarea)").nth(number + 1)


def _top(one: Locator) -> float:
    box = one.bounding_box()
    assert box is not None
    return box["y"]


def _is_in_sight(page: Page, one: Locator) -> bool:
    """Whether it can be read, above the bar that stands at the end of the window."""
    box, bar = one.bounding_box(), page.locator(".pt-edit__save").bounding_box()
    assert box is not None
    assert bar is not None
    return box["y"] >= 0 and box["y"] < bar["y"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "phone"])
def test_every_act_on_a_large_text(
    large: None,
    visitors: Visitors,
    size: object,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    """Whatever is pressed, one is where one was: the same paragraph under the hand, the keyboard in it."""
    walk = Walk(visitors.come("coordinator"), record_property, request.node.callspec.id)
    page, visitor = walk.page, walk.visitor
    page.set_viewport_size(size)  # type: ignore[arg-type]  # one of the two above
    with walk.step("overview"):
        visitor.go(EDIT)
    assert page.locator("li[id^='part-']").count() == SECTIONS + 1
    with walk.step("section"):
        page.get_by_role("link", name="Section 12", exact=True).click()
        page.wait_for_url("**/edit/s/*/")
        walk.settled()
    assert len(walk.texts) == 7

    with walk.step("find another section"):
        page.locator("[data-sections] summary").click()
        with page.expect_navigation():
            page.locator("[data-sections]").get_by_role("link", name="Section 19", exact=True).click()
        walk.settled()
    before = walk.texts
    assert before[0] == "Section 19"

    with walk.step("save"):
        field = walk.unit(3).locator("textarea")
        field.focus()
        page.keyboard.press("Control+Home")
        page.keyboard.type("Well: ")
        was = _top(field)
        walk.click(page.locator("button[value=save]").last)
    assert abs(_top(field) - was) < 2
    page.keyboard.type("now ")
    assert walk.texts[4].startswith("Well: now Paragraph 4")

    with walk.step("up"):
        moved, was = walk.unit(3), _top(walk.unit(3))
        walk.press("up", moved)
    assert walk.texts[3].startswith("Well: now Paragraph 4")
    assert abs(_top(walk.unit(2)) - was) < 2
    with page.expect_navigation():
        page.keyboard.press("Enter")
    walk.settled()
    page.wait_for_function("document.activeElement !== document.body")
    assert walk.texts[2].startswith("Well: now Paragraph 4")

    with walk.step("split"):
        walk.unit(1).locator("textarea").focus()
        page.keyboard.press("Control+Home")
        for _ in "Well: now":
            page.keyboard.press("ArrowRight")
        walk.press("split", walk.unit(1))
    assert walk.texts[2] == "Well: now"
    page.keyboard.press("Control+Home")
    page.keyboard.type("As for the rest: ")
    assert walk.texts[3].startswith("As for the rest: Paragraph 4")
    assert _is_in_sight(page, walk.unit(2))

    with walk.step("join"):
        walk.press("merge", walk.unit(1))
    assert walk.texts[2].startswith("Well: now As for the rest: Paragraph 4")
    assert _is_in_sight(page, walk.unit(1))

    with walk.step("add"):
        walk.press("add", walk.unit(1))
    page.keyboard.type("Written into the new one.")
    assert walk.texts[3] == "Written into the new one."
    assert _is_in_sight(page, walk.unit(2))

    with walk.step("remove"):
        walk.press("remove", walk.unit(3))
    assert len(walk.texts) == len(before)
    assert _is_in_sight(page, walk.unit(3))
    with walk.step("take back"):
        walk.click(page.locator("button[value^='back:']").first)
    assert len(walk.texts) == len(before) + 1
    assert page.locator(".pt-edit__unit:has(:focus)").count() == 1

    with walk.step("places to move to"):
        unit = walk.unit(2)
        if not unit.get_by_role("link", name="Move elsewhere").is_visible():
            unit.locator("summary").click()
        unit.get_by_role("link", name="Move elsewhere").click()
        page.wait_for_url("**/edit/place/*/")
    with walk.step("move elsewhere"):
        page.get_by_label("Section 2", exact=True).check(force=True)
        assert visitor.send() == 200
        walk.settled()
    assert walk.texts[:2] == ["Section 2", "Written into the new one."]
    assert _is_in_sight(page, walk.unit(0))

    with walk.step("section up"):
        visitor.go(EDIT)
        line = page.locator("li[id^='part-']").nth(15)
        line.scroll_into_view_if_needed()
        was = _top(line)
        walk.click(line.locator("button[value^='up:']"))
    assert abs(_top(page.locator("li[id^='part-']").nth(14)) - was) < 2
    assert page.locator("li[id^='part-']").nth(14).locator("button[value^='up:']:focus").count() == 1

    with walk.step("preview"):
        visitor.follow("/edit/preview/")
    with walk.step("what changes"):
        visitor.follow("/edit/publish/")
    with walk.step("publish"):
        page.locator("[name=summary]").fill("Put in order")
        assert visitor.send() == 200
    assert "is published" in page.locator(".pt-messages").inner_text()
    visitor.watch.assert_clean()
