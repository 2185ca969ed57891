"""Pages of the archived shape, made up for the tests."""

from pathlib import Path

from proposals.wikipage import WikiPage, read

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT.parent / "shared" / "seed" / "leadership-task-force.zh-hant.txt"
OWN_PAGE = ROOT / "taskforce" / "portal" / "scenarios" / "page.zh-hant.txt"
TRANSLATIONS = OWN_PAGE.with_name("translations.json")

BODY = """\
1. 摘要

這個小組提出建議，也聽取意見。

2. Details

Some work is done already.[1] More would help.

    1. Write a definition
    2. Draft a plan

3. 時間線

  • 2022年2月: 徵求反饋
  • 14 March – 10 April 2022: recruitment of members
  • May 2022: the members are announced

References

[1] A short note.
"""


def source(
    body: str = BODY,
    *,
    title: str = "示範小組",
    editor: str = "Ada Sample",
    at: str = "08:05, 3 February 2022",
    summary: str = "(first version)",
) -> str:
    """The text of a page."""
    archived = (
        f"This is an archived version of this page, as edited by {editor} (talk | contribs) at {at} {summary}. "
        "It may differ significantly from the current version."
    )
    return f"{title}\n\n{archived}\n\n\n{body}"


def page(body: str = BODY, **header: str) -> WikiPage:
    """The same, read."""
    return read(source(body, **header).encode())


def long_body(units: int) -> str:
    """A body of `units` units in two languages, its two headings included."""
    paragraphs = [
        f"第{number}段說明這個小組的工作。" if number % 2 else f"Paragraph {number} tells about the work."
        for number in range(units - 2)
    ]
    return "1. 內容\n\n" + "\n\n".join(paragraphs) + "\n\n2. 時間線\n\n  • 2022年2月: 反饋\n"
