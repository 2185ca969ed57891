"""Reading archived pages: their parts, their damage, and what is refused."""

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proposals.wikipage import WikiPage, WikiPageError, read
from tests.proposals.pages import BODY, OWN_PAGE, page, source


def kinds(of: WikiPage, section: int) -> list[tuple[str, int, int | None, str]]:
    return [(piece.kind.value, piece.depth, piece.number, piece.text) for piece in of.sections[section].pieces]


def test_whole_page() -> None:
    """Title, archived-version line, sections of three kinds."""
    made = page()
    assert (made.title.text, made.title.line) == ("示範小組", 1)
    assert (made.edit.editor, made.edit.summary, made.edit.line) == ("Ada Sample", "first version", 3)
    assert made.edit.at == datetime(2022, 2, 3, 8, 5, tzinfo=UTC)
    assert [(section.kind.value, section.heading.text) for section in made.sections] == [
        ("text", "摘要"),
        ("text", "Details"),
        ("timeline", "時間線"),
        ("references", "References"),
    ]
    assert kinds(made, 1) == [
        ("paragraph", 0, None, "Some work is done already.[1] More would help."),
        ("list-item", 0, 1, "Write a definition"),
        ("list-item", 0, 2, "Draft a plan"),
    ]
    assert [(line.period.first, line.text) for line in made.sections[2].timeline] == [
        (date(2022, 2, 1), "徵求反饋"),
        (date(2022, 3, 14), "recruitment of members"),
        (date(2022, 5, 1), "the members are announced"),
    ]
    assert kinds(made, 3) == [("note", 0, 1, "A short note.")]


def test_own_page() -> None:
    """The page that the project ships has the shape of the model case, with one damaged character."""
    made = read(OWN_PAGE.read_bytes())
    assert [damage.character for damage in made.damage] == ["\ufffd"]
    assert made.unread == ()
    assert [(line.period.first, line.period.last) for line in made.sections[2].timeline] == [
        (date(2022, 2, 1), date(2022, 2, 28)),
        (date(2022, 3, 14), date(2022, 4, 10)),
        (date(2022, 4, 11), date(2022, 5, 15)),
        (date(2022, 5, 16), date(2023, 6, 30)),
    ]
    assert len(made.sections[3].pieces) == 1


@pytest.mark.parametrize(
    ("editor", "summary", "read_summary"),
    [
        ("A (B) (C)", "(x)", "x"),
        ("A", '("quotes" (and brackets) [1] 2022年3月:)', '"quotes" (and brackets) [1] 2022年3月:'),
        (
            "A",
            "(see B (talk | contribs) at 10:00, 1 May 2020 (y).)",
            "see B (talk | contribs) at 10:00, 1 May 2020 (y).",
        ),
        ("A", "()", ""),
        ("A", "", ""),
        ("陳示範", "(建立頁面)", "建立頁面"),
    ],
)
def test_editor_and_summary(editor: str, summary: str, read_summary: str) -> None:
    """Names hold parentheses, and anything may stand in a summary."""
    edit = page(editor=editor, summary=summary).edit
    assert (edit.editor, edit.summary) == (editor, read_summary)
    assert edit.at == datetime(2022, 2, 3, 8, 5, tzinfo=UTC)


def test_wrapped_and_odd_white_space() -> None:
    """Hard wraps, tabs, CRLF, no-break and ideographic spaces, a byte-order mark."""
    text = source("1.\u00a0摘要\n\n這是\n一段\u3000\n文字。\nAnd more\n  of it.\n\n\u3000\n2. B\n\n\t-\tx\n")
    text = text.replace("archived version of", "archived version\nof").replace("\n", "\r\n")
    made = read(("\ufeff" + text).encode())
    assert made.sections[0].heading.text == "摘要"
    assert kinds(made, 0) == [("paragraph", 0, None, "這是一段文字。 And more of it.")]
    assert kinds(made, 1) == [("list-item", 0, None, "x")]


def test_lists() -> None:
    """Bullets of three kinds, depth by indentation, items wrapped over lines, numbers kept."""
    made = page("1. A\n\n• one\n  • two\n    wrapped\n      - three\n  * four\n• five\n\ntext\n\n3. six\n4. seven\n")
    assert kinds(made, 0) == [
        ("list-item", 0, None, "one"),
        ("list-item", 1, None, "two wrapped"),
        ("list-item", 2, None, "three"),
        ("list-item", 1, None, "four"),
        ("list-item", 0, None, "five"),
        ("paragraph", 0, None, "text"),
        ("list-item", 0, 3, "six"),
        ("list-item", 0, 4, "seven"),
    ]


def test_numbers_that_are_no_headings() -> None:
    """A list right below a heading, a wrapped line that starts with a number, a long numbered paragraph."""
    made = page(f"1. A\n\n1. x\n2. y\n\nIn the year of\n12. Something\n\n2. B\n\n3. {'word ' * 100}\n")
    assert [section.heading.text for section in made.sections] == ["A", "B"]
    assert [piece[0] for piece in kinds(made, 0)] == ["list-item", "list-item", "paragraph"]
    assert kinds(made, 1)[0][0] == "list-item"


def test_lead_and_subheadings() -> None:
    """Text before the first section; headings inside a section; text right below a heading."""
    made = page("A lead.\n\n1. A\nRight below.\n\n1.1 Inner\n\nMore.\n")
    assert [piece.text for piece in made.lead] == ["A lead."]
    assert kinds(made, 0) == [
        ("paragraph", 0, None, "Right below."),
        ("heading", 1, None, "Inner"),
        ("paragraph", 0, None, "More."),
    ]


def test_timeline_by_its_lines() -> None:
    """A section whose items are all dated is a timeline whatever its title; with one plain item it is a list."""
    made = page("1. Steps\n\n• May 2022： it begins\n\n2. Others\n\n• May 2022: it begins\n• soon: it ends\n")
    assert [section.kind.value for section in made.sections] == ["timeline", "text"]
    assert [str(remark) for remark in made.remarks] == [
        "line 10: 1 of 2 lines of this list are periods: not taken for a timeline, since not all are"
    ]


def test_unread_timeline_line_stays_an_item() -> None:
    """A line without a readable period is reported and kept; what stands around keeps its place."""
    made = page("1. Timeline\n\nBefore.\n\n• May 2022: work\n• soon: rest\n\nAfter.\n")
    assert [piece.line for piece in made.unread] == [11]
    assert [piece[3] for piece in kinds(made, 0)] == ["Before.", "soon: rest", "After."]
    assert made.sections[0].timeline_after == 1


def test_notes() -> None:
    """In each usual form; one without a number gets the next; a number that is taken is not given twice."""
    made = page("1. A\n\nx\n\n參考文獻\n\n[1] one\n2. ↑ two\n↑ 1.0 1.1 three\n  wrapped\n[2] four\n\nplain\n")
    assert kinds(made, 1) == [
        ("note", 0, 1, "one"),
        ("note", 0, 2, "two"),
        ("note", 0, 3, "three wrapped"),
        ("note", 0, None, "four"),
        ("paragraph", 0, None, "plain"),
    ]


def test_damage() -> None:
    """U+FFFD is kept; control characters cannot be stored, so U+FFFD takes their place; each with its place."""
    made = page("1. A\n\nab\ufffdc\x00d\x85e\ue000\n")
    assert kinds(made, 0)[0][3] == "ab\ufffdc\ufffdd e\ue000"
    assert [str(damage) for damage in made.damage] == [
        "line 8, column 3: U+FFFD kept",
        "line 8, column 5: U+0000 cannot be stored, shown as U+FFFD",
        "line 8, column 9: U+E000 kept",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (" \n\u3000\n\ufeff".encode(), "the file is empty"),
        ("示範\n\n".encode() + b"\xff\xfe", "line 3: the file is not UTF-8: byte 0xFF at offset 8 is no text"),
        (b"\xef\xbb\xbf\n\xe9", "line 2: the file is not UTF-8: byte 0xE9 at offset 4 is no text"),
        (source().encode("utf-16"), "line 1: the file is not UTF-8: byte 0xFF at offset 0 is no text"),
        (b"a" * 5_000_001, "the file has 5,000,001 bytes; a page has at most 5,000,000"),
        (b"Just a text.", "line 1: the archived-version line is missing (This is an archived version"),
        (b"A title\n\nSome text.", "line 3: the archived-version line is missing"),
        (source(title="").encode(), "line 3: the title is missing"),
        (source(title="A\n\nB").encode(), "line 3: the title must be followed by the archived-version line"),
        (source(title="x" * 201).encode(), "line 1: the title has 201 characters; 200 fit"),
        (source(at="25:00, 3 February 2022").encode(), "line 3: “25:00, 3 February 2022” is no date and minute"),
        (source(at="08:05, 30 February 2022").encode(), "line 3: “08:05, 30 February 2022” is no date and minute"),
        (source(at="08:05, 3 Brumaire 2022").encode(), "line 3: “08:05, 3 Brumaire 2022” is no date and minute"),
        (source(at="yesterday").encode(), "line 3: the archived-version line cannot be read (expected:"),
        (source(editor=" ").encode(), "line 3: the archived-version line "),
        (source(editor="x" * 256).encode(), "line 3: the editor has 256 characters; 255 fit"),
        (source(summary="x").encode(), "line 3: behind the minute only an edit summary in parentheses may stand"),
        (source(summary=f"({'x' * 2001})").encode(), "line 3: the edit summary has 2,001 characters; 2,000 fit"),
        (source().replace("It may differ", "It differs").encode(), "line 3: the archived-version line cannot be read"),
        (source("Only text.\n").encode(), "no numbered section is here"),
        (source("").encode(), "no numbered section is here"),
        (source(f"1. Timeline\n\n• May 2022: {'x' * 301}").encode(), "line 8: the timeline's text has 301 characters"),
    ],
)  # fmt: skip
def test_refused(data: bytes, message: str) -> None:
    """One line that says what is missing or wrong, and where."""
    with pytest.raises(WikiPageError) as caught:
        read(data)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


ALPHABET = st.sampled_from(
    [
        *"ab1.2 \n\n\t•-*[]():：↑年月至\ufffd\u3000",
        "1. ",
        "\n\n2. ",
        "2022年2月: ",
        "References\n",
        "領",
        "\x00",
        "May 2022: ",
    ]
)


@pytest.mark.long
@settings(deadline=None, max_examples=300)
@given(st.lists(ALPHABET, max_size=120).map("".join))
@example(BODY)
def test_any_body_is_read_or_refused(body: str) -> None:
    """Nothing but the parser's own error, and no letter of the body is lost."""
    try:
        made = read(source(body).encode())
    except WikiPageError:
        return
    kept = [made.title, *made.lead]
    for section in made.sections:
        kept += [section.heading, *section.pieces]
    text = "".join(piece.text for piece in kept) + "".join(
        line.text for part in made.sections for line in part.timeline
    )
    assert text.count("領") == body.count("領")


@pytest.mark.long
@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but the parser's own error."""
    for candidate in (data, source().encode() + data, source().encode().replace(b"Sample", data)):
        try:
            read(candidate)
        except WikiPageError:
            continue


@pytest.mark.long
@pytest.mark.parametrize(
    "line",
    ["a" * 20_000, " " * 20_000 + "x", "1. " * 7_000, "[1]" * 7_000, "(talk " * 4_000, "• " * 10_000, "領" * 20_000,
     "= " * 10_000, "==" + " " * 20_000, "<tvar " * 4_000, "!!" * 10_000, "\u202b" * 20_000, "\u200f " * 10_000,
     "\u202b" + "\u2066\u2069" * 10_000, "[[" * 10_000, "\u200b " * 10_000, "2022年" * 5_000 + ": x", "↑ 1.0 " * 4_000,
     "1.1" * 7_000],
    ids=range(19),
)  # fmt: skip
def test_long_lines_take_no_long_time(line: str) -> None:
    """Twenty thousand characters, in the body and in the archived-version line: well under a second."""
    start = time.process_time()
    for text in (
        source(f"1. A\n\n{line}\n{line}\n\nReferences\n\n{line}\n"),
        source(editor=line),
        source(summary=line),
    ):
        try:
            read(text.encode())
        except WikiPageError:
            continue
    assert time.process_time() - start < 1


@pytest.mark.long
def test_many_lines_take_time_in_proportion() -> None:
    """A page of twenty thousand short lines in one block."""
    start = time.process_time()
    made = page("1. A\n\n" + "one line\n" * 20_000)
    assert len(made.sections[0].pieces) == 1
    assert time.process_time() - start < 2


def test_full_width_archived_line() -> None:
    """Digits, colon, comma and brackets may be full-width; editor and summary stay as they are written."""
    text = source(editor="Ａｄａ １", at="０８：０５，３ February ２０２２", summary="（第１版：ＡＢ）")
    text = text.replace("(talk | contribs)", "（talk ｜ contribs）")
    edit = read(text.encode()).edit
    assert (edit.editor, edit.summary) == ("Ａｄａ １", "第１版：ＡＢ")
    assert edit.at == datetime(2022, 2, 3, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize("wrap", [" ", "\n"])
def test_second_archived_line(wrap: str) -> None:
    """Two pages in one file are refused with the line of the second one, also where it is hard-wrapped."""
    second = source().replace("archived version of", f"archived version{wrap}of")
    with pytest.raises(WikiPageError, match="a second archived-version line") as caught:
        read((source() + "\n" + second).encode())
    assert caught.value.line == source().count("\n") + 4


def test_text_about_archived_versions() -> None:
    """A paragraph that only begins like the archived-version line is a paragraph."""
    said = "This is an archived version of an older plan."
    assert kinds(page(f"1. A\n\n{said}\n"), 0) == [("paragraph", 0, None, said)]


def test_heading_that_is_too_long() -> None:
    """It becomes the section's text and is reported with its length; the only one there is is an error."""
    long = "word " * 80 + "end"
    made = page(f"1. A\n\n2. {long}\n")
    assert [str(remark) for remark in made.remarks] == [
        "line 8: a heading of 406 characters; 300 fit, a longer line is the section's text"
    ]
    with pytest.raises(WikiPageError, match="line 6: a heading of 406 characters; 300 fit"):
        page(f"1. {long}\n\nText.\n")


def test_what_is_not_sure_is_reported() -> None:
    """A backward range that names one year, and an open end: each stays a list item, and the operator is told why."""
    made = page("1. Timeline\n\n• 2022年4月至3月: work\n• 2022年2月起 - more\n• December 2023 – January 2024: rest\n")
    assert [piece[3] for piece in kinds(made, 0)] == ["2022年4月至3月: work", "2022年2月起 - more"]
    assert [line.text for line in made.sections[0].timeline] == ["rest"]
    assert [str(remark) for remark in made.remarks] == [
        "line 8: “2022年4月至3月” is no period that is sure: its range runs backward and names one year only: which "
        "year is meant does not show; write both years",
        "line 9: “2022年2月起” is no period that is sure: it has a beginning and no end",
    ]


def test_forms_of_timeline_lines() -> None:
    """Full-width digits and colons, numerals, and a dash in place of the colon."""
    made = page("1. 時間線\n\n• ２０２２年２月：a\n• 二〇二二年三至四月﹕b\n• May 2022 - c\n• 2022/06–2022/07∶ d\n")
    assert [(line.period.first, line.period.last, line.text) for line in made.sections[0].timeline] == [
        (date(2022, 2, 1), date(2022, 2, 28), "a"),
        (date(2022, 3, 1), date(2022, 4, 30), "b"),
        (date(2022, 5, 1), date(2022, 5, 31), "c"),
        (date(2022, 6, 1), date(2022, 7, 31), "d"),
    ]
    assert made.unread == ()


ARABIC = """\
{0}1. ملخص{1}

{0}نص الفقرة «{2}A. B{3}» هنا.{1}

{0}2. الجدول الزمني{1}

  {0}• فبراير 2022: جمع الآراء{1}
{0}  • 2022-03-14 – 2022-04-10: recruitment{1}

{0}المراجع{1}

{0}[1] ملاحظة{1}
"""


@pytest.mark.parametrize(
    ("begin", "end"),
    [("", ""), ("", "\u202c"), ("\u200f", ""), ("\u200e", "\u200f"), ("\u202b", "\u202c"), ("\u2067", "\u2069"),
     ("\u202b\u2068", ""), ("\u061c\u202b", "\u202c\u200f")],
)  # fmt: skip
def test_marks_of_direction_hide_no_number(begin: str, end: str) -> None:
    """Usual in copied Arabic pages: the same is read as without them, and what stands inside of a line stays."""
    made = page(ARABIC.format(begin, end, "\u2066", "\u2069"), title=f"{begin}فريق العمل{end}")
    assert made.title.text == "فريق العمل"
    assert [(part.kind.value, part.heading.text) for part in made.sections] == [
        ("text", "ملخص"), ("timeline", "الجدول الزمني"), ("references", "المراجع"),
    ]  # fmt: skip
    assert kinds(made, 0) == [("paragraph", 0, None, "نص الفقرة «\u2066A. B\u2069» هنا.")]
    assert [line.text for line in made.sections[1].timeline] == ["جمع الآراء", "recruitment"]
    assert kinds(made, 2) == [("note", 0, 1, "ملاحظة")]


@pytest.mark.parametrize("digits", ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९"])
def test_digits_of_other_scripts(digits: str) -> None:
    """In headings, subheadings, lists and notes."""
    source = "1. A\n\n1.1 Inner\n\nText.\n\n  1. x\n  2. y\n\n2. B\n\n3) z\n\nReferences\n\n[2] two\n1. one\n"
    made = page(source.translate(str.maketrans("0123456789", digits)))
    assert [part.heading.text for part in made.sections] == ["A", "B", "References"]
    assert kinds(made, 0) == [
        ("heading", 1, None, "Inner"),
        ("paragraph", 0, None, "Text."),
        ("list-item", 0, 1, "x"),
        ("list-item", 0, 2, "y"),
    ]
    assert kinds(made, 1) == [("list-item", 0, 3, "z")]
    assert [piece[2:] for piece in kinds(made, 2)] == [(2, "two"), (1, "one")]


def test_what_is_no_number_of_a_list_stays_text() -> None:
    """Digits with a blank before the dot, and marks of direction inside of a sentence."""
    made = page("1. A\n\n٣ . نص\n\nab\u200f1. c\n")
    assert [piece[3] for piece in kinds(made, 0)] == ["٣ . نص", "ab\u200f1. c"]


def test_marks_of_the_translation_tool_are_no_text() -> None:
    """Neither in the title nor in a heading, a paragraph or an item; the summary of the edit stays as it is."""
    made = page(
        "1. <translate><!--T:1--> Summary</translate>\n\n<translate>\n<!--T:2-->\n"
        'The <tvar name="x">group</tvar> <tvar|y>works</>, 1 </ 2.\n</translate>\n\n<languages/>\n\n<translate>\n'
        "== Timeline == <!--T:3-->\n* March 2022: feedback\n\n<!--T:4-->\n=== More ===\nWords.\n</translate>\n",
        title="<translate>Sample</translate>",
        summary="(<translate> again)",
    )
    assert (made.title.text, made.edit.summary) == ("Sample", "<translate> again")
    assert [part.heading.text for part in made.sections] == ["Summary", "Timeline"]
    assert kinds(made, 0) == [("paragraph", 0, None, "The group works, 1 </ 2.")]
    assert [line.text for line in made.sections[1].timeline] == ["feedback"]
    assert kinds(made, 1) == [("heading", 1, None, "More"), ("paragraph", 0, None, "Words.")]
    assert made.remarks == ()


def test_headings_of_a_wiki_s_source() -> None:
    """A page of such headings alone; a number in them is the section's; two and more signs, the same on both sides."""
    made = page("Lead.\n== 1. A ==\nText.\n==B==\n\n== 3 = 3 ==\n=== c ===\n== d =\n\n== References ==\n[1] n\n")
    assert [part.heading.text for part in made.sections] == ["A", "B", "3 = 3", "References"]
    assert kinds(made, 2) == [("heading", 1, None, "c"), ("paragraph", 0, None, "== d =")]
    assert [str(remark) for remark in made.remarks] == [
        "line 13: wiki markup of a heading (= … =) stays in the text as it is written"
    ]


def test_wiki_markup_that_stays_is_reported() -> None:
    """Each kind once, with every line where it stands; nothing of it is lost."""
    made = page(
        '1. A [[x|y]]\n\n{| class="wikitable"\n! A !! B\n|-\n| 1 || 2\n|}\n\n'
        "{{Notice}} and [[a]] in '''bold'''.\n\n"
        "See [https://example.org/ here]<ref>A note</ref>, __NOTOC__.\n\n# one\n** two\n"
    )
    assert [str(remark).replace(" stays in the text as it is written", "") for remark in made.remarks] == [
        "line 6: wiki markup of a link ([[…]]); also in line 14",
        "line 8: wiki markup of a table ({| … |}); also in lines 9, 10, 11, 12",
        "line 14: wiki markup of a template ({{…}})",
        "line 14: wiki markup of bold or italic words (''…'')",
        "line 16: wiki markup of a link ([https://… text])",
        "line 16: wiki markup of a tag (<…>)",
        "line 16: wiki markup of a switch (__…__)",
        "line 18: wiki markup of a list (#, ##, **, :); also in line 19",
    ]


@pytest.mark.parametrize(
    "line",
    ["Said.[1][2] And [[3]].", "a < b > c, 2 | 3, x = y", "It's “so” - 5’’ long", "snake_case __init__", "「{甲}」：乙",
     "From 1 to 2: a; b", "• a: b", "<3 and e-mail <a@b.example>", "#1 of all", "A == B"],
)  # fmt: skip
def test_plain_text_is_no_wiki_markup(line: str) -> None:
    assert page(f"1. A\n\n{line}\n").remarks == ()


def test_a_list_with_dashes_is_no_timeline() -> None:
    """Only under a timeline's heading does a dash end a period: a history has such lines too."""
    made = page("1. History\n\n• 2019 – founded\n• 2020 – grown\n")
    assert [section.kind.value for section in made.sections] == ["text"]
