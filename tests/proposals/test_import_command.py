"""`import_wiki` from the shell: what it prints, how it ends, what a dry run leaves."""

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from proposals.models import Proposal, Revision
from proposals.services import drafts
from proposals.services.drafts import Typed
from proposals.wikipage.words import capability_of
from taskforce.timeline.models import Phase, Rename, TaskForce
from tests.conftest import Clock, utc
from tests.proposals.editing import AT, coordinator, piece_with, published
from tests.proposals.pages import BODY, OWN_PAGE, source


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "page.txt"
    made.write_text(source(BODY.replace("建議", "建\ufffd議")), encoding="utf-8")
    return made


def run(file: Path, *arguments: str, slug: str = "sample") -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    options: dict[str, Any] = {"stdout": out, "stderr": err}
    call_command("import_wiki", str(file), "--task-force", slug, *arguments, **options)
    return out.getvalue(), err.getvalue()


def test_import(clock: Clock, file: Path) -> None:
    """Says what was made: revision, units, percent, phases, damage."""
    out, err = run(file)
    assert "language zh-hant; r1 by Ada Sample, 2022-02-03 08:05 UTC (first version)" in out
    assert "10 units: 10 added, 0 changed, 0 removed" in out
    assert "percent: en 60, zh-hant 40" in out
    assert "phase recruitment: 2022-03-14 to 2022-04-10 (AoE), allows apply, published: recruitment of members" in out
    assert "line 10: taken as English, and so not as a text in zh-hant; also in lines 12, " in out
    assert "damaged: line 8, column 8: U+FFFD kept" in out
    assert out.endswith("imported as r1\n")
    assert err == ""
    assert Proposal.objects.get().slug == "proposal"


def test_a_task_force_is_found_under_an_earlier_name(clock: Clock, file: Path, tmp_path: Path) -> None:
    """Its text gets the next revision, and the report says what it is called now."""
    run(file)
    TaskForce.objects.update(slug="circle")
    Rename.objects.create(
        task_force=TaskForce.objects.get(), old_slug="sample", new_slug="circle", old_names={}, new_names={},
        reason="R", actor_id=1, actor_name="A", at=utc(2022, 2, 5),
    )  # fmt: skip
    later = tmp_path / "later.txt"
    later.write_text(source(BODY.replace("More would help", "More helps"), at="08:05, 6 February 2022"), "utf-8")
    out, _ = run(later)
    assert out.startswith("task force sample was renamed: it is circle now\n")
    assert out.endswith("imported as r2\n")
    assert TaskForce.objects.count() == 1
    assert "was renamed" not in run(file, "--dry-run", slug="another")[0]


@pytest.mark.long
def test_edits_that_a_page_puts_back_are_named(clock: Clock, file: Path, tmp_path: Path) -> None:
    """Also in a dry run; nothing is said where the page only went on."""
    run(file)
    proposal = Proposal.objects.get()
    person = coordinator(proposal)
    piece = piece_with(proposal, "Draft a plan")
    drafts.save(proposal.pk, {piece.key: Typed("Draft two", None, piece.token)}, None, editor=person, at=AT)
    published(proposal, person)
    file.write_text(source(BODY.replace("Write a", "Write one"), at="08:05, 8 February 2022"), "utf-8")
    assert (
        "line 15: edited here since, and would be overwritten; it says (en): “Draft two”\n" in run(file, "--dry-run")[0]
    )
    assert "line 15: edited here since, and overwritten; it said (en): “Draft two”\n" in run(file)[0]
    file.write_text(source(BODY.replace("Write a", "Write no"), at="08:05, 9 February 2022"), "utf-8")
    assert "edited here" not in run(file)[0]


def test_dry_run(clock: Clock, file: Path) -> None:
    """The same report with every unit, and nothing in the database."""
    out, _ = run(file, "--dry-run")
    assert "    1  title      zh-hant  示範小組\n" in out
    assert "    4  heading    en       Details\n" in out
    assert "10 units: 10 would be added, 0 would be changed, 0 would be removed\n" in out
    assert "percent would be: en 60, zh-hant 40\n" in out
    assert "language zh-hant; would be r1 by Ada Sample, " in out
    assert out.count(", would be published: ") == 3
    assert "line 10: taken as English, and so not as a text in zh-hant; also in lines 12, " in out
    assert out.endswith("dry run: nothing was written\n")
    assert not TaskForce.objects.exists()
    assert not Phase.objects.exists()
    assert not Revision.objects.exists()


def test_a_phase_whose_words_nobody_knows(clock: Clock, file: Path) -> None:
    """Its line is named, with what to do before the import and after it; the words to choose from are known."""
    file.write_text(source(BODY.replace("the members are announced", "a party")), "utf-8")
    dry, done = run(file, "--dry-run")[0], run(file)[0]
    for out in (dry, done):
        assert "phase phase-2022-05: 2022-05-01 to 2022-05-31 (AoE), allows nothing: not recognised, " in out
    said = "line 21: what can be done in this phase is not recognised: "
    assert f"{said}choose feedback, recruitment, review or work, and write it into the line before you import\n" in dry
    assert f"{said}cancel the phase on the staff side, and publish one that allows what you mean\n" in done
    assert all(map(capability_of, ("feedback", "recruitment", "review", "work")))


def test_second_import_fails(clock: Clock, file: Path) -> None:
    """`already imported`, as an error; also in a dry run."""
    run(file)
    for arguments in ((), ("--dry-run",)):
        with pytest.raises(CommandError, match="already imported"):
            run(file, *arguments)
    assert Revision.objects.count() == 1


def test_dry_run_of_a_later_page(clock: Clock, file: Path) -> None:
    """Foretells the next revision without writing it."""
    run(file)
    file.write_text(source(BODY.replace("Draft", "Write"), at="08:06, 3 February 2022"), encoding="utf-8")
    out, _ = run(file, "--dry-run")
    assert "r2 by Ada Sample" in out
    assert "0 would be added, 2 would be changed, 0 would be removed" in out
    assert Revision.objects.count() == 1


def test_a_dry_run_says_what_would_be(clock: Clock, file: Path) -> None:
    """Of titles, dates, and what no period is; the import itself says what is."""
    run(file)
    body = (
        BODY.replace("14 March – 10 April 2022: recruitment of members", "2022年3月14日至4月11日: 招募成員")
        .replace("the members are announced", "members are announced")
        .replace("徵求反饋\n", "徵求反饋\n  • December – January 2023: more\n")
    )
    file.write_text(source(body, at="08:05, 8 February 2022"), "utf-8")
    moods = [
        ("phase recruitment: its title in zh-hant {} line 21", "would be that of", "is that of"),
        ("phase recruitment: published as 2022-03-14 to 2022-04-10, line 21 says 2022-03-14 to 2022-04-11: {}",
         "would not be changed (", "not changed ("),
        ("phase work: line 22 has another title in en: {}\n", "would not be changed", "not changed"),
        ("line 20: no period could be read, it {} a list item\n", "would stay", "stays"),
    ]  # fmt: skip
    dry, done = run(file, "--dry-run")[0], run(file)[0]
    for sentence, foretold, said in moods:
        assert sentence.format(foretold) in dry
        assert sentence.format(said) not in dry
        assert sentence.format(said) in done


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "page.txt: line 1: the file is not UTF-8: byte 0xFF"),
        (b"", "page.txt: the file is empty"),
        (b"no page", "page.txt: line 1: the archived-version line is missing"),
        (
            source(title="작업 그룹 모임 Meta").encode(),
            "page.txt: line 1: the title's script does not tell its language",
        ),
        (source(title="작업 그룹").encode(), "page.txt: line 1: the title's script does not tell its language"),
    ],
)
def test_unreadable_file(clock: Clock, file: Path, content: bytes, message: str) -> None:
    """One line with the file and the place; nothing is written."""
    file.write_bytes(content)
    with pytest.raises(CommandError) as caught:
        run(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not TaskForce.objects.exists()


def test_no_file(clock: Clock, tmp_path: Path) -> None:
    """A missing file and a folder."""
    for path, message in ((tmp_path / "none.txt", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(CommandError, match=message):
            run(path)


@pytest.mark.parametrize("slug", ["a b", "ä", "x" * 51, ""])
def test_bad_slug(clock: Clock, file: Path, slug: str) -> None:
    """What cannot stand in an address is refused."""
    with pytest.raises(CommandError, match="--task-force"):
        run(file, slug=slug)


def test_language(clock: Clock, file: Path) -> None:
    """A given language labels the revision; one that the portal does not have is refused."""
    run(file, "--language", "zh-hans")
    assert Revision.objects.get().language == "zh-hans"
    with pytest.raises(CommandError, match="invalid choice: 'xx'"):
        run(file, "--language", "xx")


@pytest.mark.long
def test_progress(clock: Clock, file: Path) -> None:
    """A line on standard error every 200 units; none for a short page."""
    parts = [f"{number}. Part {number}\n\n" + "A sentence.\n\n" * 216 for number in (1, 2, 3)]
    file.write_text(source("".join(parts)), encoding="utf-8")
    _, err = run(file)
    assert err.splitlines() == ["200 of 652 units …", "400 of 652 units …", "600 of 652 units …"]


@pytest.mark.long
def test_a_section_that_nobody_could_change_is_refused(clock: Clock, file: Path) -> None:
    """In one line that says what to do; the most that there may be is taken."""
    file.write_text(source("1. Part\n\n" + "A sentence.\n\n" * 390), encoding="utf-8")
    with pytest.raises(CommandError, match=r"line 6 \(“Part”\) would have 391 units, .* divide it by another heading"):
        run(file)
    assert not Proposal.objects.exists()
    file.write_text(source("1. Part\n\n" + "A sentence.\n\n" * 389), encoding="utf-8")
    out, _ = run(file)
    assert "391 units: 391 added" in out


def test_what_was_split_is_reported(clock: Clock, file: Path) -> None:
    """Nothing where nothing was."""
    out, _ = run(file)
    assert "split off" not in out
    body = BODY.replace("already.[1] ", "already.[1]\n\n")
    file.write_text(source(body, at="08:05, 4 February 2022"), encoding="utf-8")
    said = "of these 1 would be split off from others, 0 would be joined into others\n"
    assert said in run(file, "--dry-run")[0]
    assert "of these 1 split off from others, 0 joined into others\n" in run(file)[0]


def test_much_damage_is_cut(clock: Clock, file: Path) -> None:
    """Twenty places, then a count."""
    damaged = "a\ufffd" * 50
    file.write_text(source(f"1. A\n\n{damaged}\n"), encoding="utf-8")
    out, _ = run(file)
    assert out.count("damaged:") == 21
    assert "damaged: 30 more" in out


def test_own_page(clock: Clock) -> None:
    """The page that the project ships: half Chinese, half English."""
    out, _ = run(OWN_PAGE, slug="own")
    assert "percent: en 57, zh-hant 42" in out
    assert out.count(", published: ") == 4


def test_unknown_script_is_reported(clock: Clock, file: Path) -> None:
    """A paragraph in a script of none of the portal's languages is taken as the page's language, and said so."""
    file.write_text(
        source(BODY.replace("Some work is done already.[1] More would help.", "위키 메타 작업 Meta")), "utf-8"
    )
    out, _ = run(file, "--dry-run")
    told = [line for line in out.splitlines() if "none of the portal's languages" in line]
    assert told == ["line 12: in a script that none of the portal's languages has, taken as zh-hant"]
    assert "paragraph  zh-hant  위키 메타 작업 Meta" in out


def test_what_is_not_sure_is_printed_and_not_made(clock: Clock, file: Path) -> None:
    """A period whose year would be a guess becomes no phase; the report says so and why."""
    file.write_text(source(BODY.replace("May 2022", "December – January 2023")), "utf-8")
    out, _ = run(file)
    assert "line 21: no period could be read, it stays a list item" in out
    assert "line 21: “December – January 2023” is no period that is sure: its range runs backward" in out
    assert sorted(Phase.objects.values_list("slug", flat=True)) == ["feedback", "recruitment"]


def test_percent_lists_the_page_s_language_without_a_unit(clock: Clock, file: Path) -> None:
    """A page that is to be in Chinese and on which nothing is yet."""
    file.write_text(source("1. Summary\n\nA text.\n", title="Group"), encoding="utf-8")
    out, _ = run(file, "--language", "zh-hant", "--dry-run")
    assert "percent would be: en 100, zh-hant 0\n" in out


@pytest.mark.long
def test_percent_lists_a_language_that_rounds_to_nothing(clock: Clock, file: Path) -> None:
    """One Chinese paragraph among two hundred English ones."""
    many = "".join(f"Text number {number}.\n\n" for number in range(200))
    file.write_text(source(f"1. Summary\n\n{many}一段中文。\n", title="Group"), encoding="utf-8")
    out, _ = run(file, "--dry-run")
    assert "percent would be: en 99, zh-hant 0\n" in out


def test_reader_that_stops_reading(clock: Clock, file: Path) -> None:
    """`import_wiki … | head`: the import is whole, and the closed pipe is no error."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        call_command("import_wiki", str(file), "--task-force", "sample", stdout=out)
    assert Revision.objects.count() == 1
