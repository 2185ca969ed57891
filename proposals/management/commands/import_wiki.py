"""`import_wiki FILE --task-force T [--language L] [--dry-run]` (CONTRACT: Commands)."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.db import transaction

from proposals.plan import Plan
from proposals.services import Imported, import_page
from proposals.wikipage import WikiPage, WikiPageError, read
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError

_SLUG_LENGTH = 50
_PROGRESS_EVERY = 200
_SHOWN_DAMAGE = 20
_SHOWN_TEXT = 60
_SHOWN_REMARKS = 100


class Command(BaseCommand):
    """Reads the file, then imports the page; a dry run does the same and takes it back."""

    help = "Import the text of an archived wiki page as a task force's text, with its phases and one revision."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, the task force, and the two options."""
        parser.add_argument("file", type=Path, help="a text file in UTF-8")
        parser.add_argument("--task-force", required=True, metavar="T", help="slug; made if it is not there")
        parser.add_argument(
            "--language",
            metavar="L",
            choices=languages.CODES,
            help=f"the page's language, by default its title's script: {', '.join(languages.CODES)}",
        )
        parser.add_argument("--dry-run", action="store_true", help="print what would be made, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line and exit code 1 for whatever cannot be imported; then nothing is written."""
        file: Path = options["file"]
        slug: str = options["task_force"]
        _check_slug(slug)
        try:
            page = read(file.read_bytes())
            with transaction.atomic():
                done = self._imported(page, slug, options["language"])
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except WikiPageError as error:
            raise CommandError(f"{file}: {error}") from None
        except PortalError as error:
            raise CommandError(f"{file}: {error.message}") from None
        self._report(done, slug, is_dry=options["dry_run"])

    def _imported(self, page: WikiPage, slug: str, language: str | None) -> Imported:
        return import_page(page, task_force=slug, language=language, at=app_now(), progress=self._progress)

    def _progress(self, done: int, total: int) -> None:
        if done % _PROGRESS_EVERY == 0 and done < total:
            self.stderr.write(f"{done:,} of {total:,} units …")

    def _report(self, done: Imported, slug: str, *, is_dry: bool) -> None:
        plan = done.plan
        edit = plan.edit
        now = done.proposal.task_force.slug
        lines = [
            *([f"task force {slug} was renamed: it is {now} now"] if now != slug else []),
            plan.title.text,
            f"language {plan.language}; {_revision(done, is_dry=is_dry)} by {edit.editor}, "
            f"{edit.at:%Y-%m-%d %H:%M} UTC ({edit.summary})",
            *(_units(plan) if is_dry else []),
            *_counts(done, is_dry=is_dry),
            *(one.foretold if is_dry else one.done for one in (*done.units.alike, *done.units.put_back)),
            _percent(done, is_dry=is_dry),
            *_phases(done, is_dry=is_dry),
            *_remarks(plan),
            *_damage(plan),
            "dry run: nothing was written" if is_dry else f"imported as r{done.revision.number}",
        ]
        self._print(lines)

    def _print(self, lines: list[str]) -> None:
        try:
            for line in lines:
                self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough (`| head`). What Python still has to write when it ends goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())


def _check_slug(slug: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError:
        raise CommandError(f"--task-force {slug}: letters, digits, hyphens and underscores only") from None
    if len(slug) > _SLUG_LENGTH:
        raise CommandError(f"--task-force {slug}: at most {_SLUG_LENGTH} characters")


def _units(plan: Plan) -> list[str]:
    lines = []
    for number, unit in enumerate(plan.units, start=1):
        text = unit.text if len(unit.text) <= _SHOWN_TEXT else f"{unit.text[: _SHOWN_TEXT - 1]}…"
        lines.append(f"{number:5}  {unit.kind.value:9}  {unit.language:7}  {text}")
    return lines


def _revision(done: Imported, *, is_dry: bool) -> str:
    return f"{'would be ' if is_dry else ''}r{done.revision.number}"


def _counts(done: Imported, *, is_dry: bool) -> list[str]:
    """How many units come, change and go, and what is known of words that went from one to another."""
    units = done.units
    be = "would be " if is_dry else ""
    lines = [
        f"{len(done.plan.units)} units: {units.added} {be}added, {units.changed} {be}changed, "
        f"{units.removed} {be}removed"
    ]
    if units.split or units.joined:
        lines.append(f"of these {units.split} {be}split off from others, {units.joined} {be}joined into others")
    return lines


def _percent(done: Imported, *, is_dry: bool) -> str:
    shares = ", ".join(f"{code} {share}" for code, share in done.percent.items())
    return f"percent would be: {shares}" if is_dry else f"percent: {shares}"


def _phases(done: Imported, *, is_dry: bool) -> list[str]:
    lines = []
    for phase in done.plan.phases:
        made = "would be published" if is_dry else "published"
        fate = made if phase.slug in done.phases else "there already"
        allows = phase.capability.value if phase.capability else "nothing: not recognised"
        days = f"{phase.period.first} to {phase.period.last}"
        lines.append(f"phase {phase.slug}: {days} (AoE), allows {allows}, {fate}: {phase.title}")
    told = [one.foretold if is_dry else one.done for one in (*done.titled, *done.differences)]
    stays = "would stay" if is_dry else "stays"
    unread = [f"line {piece.line}: no period could be read, it {stays} a list item" for piece in done.plan.unread]
    return [*lines, *_unknown(done, is_dry=is_dry), *told, *unread]


def _unknown(done: Imported, *, is_dry: bool) -> list[str]:
    """What to do where no known word tells what a new phase allows: once it is published, that stays."""
    do = "cancel the phase on the staff side, and publish one that allows what you mean"
    if is_dry:
        do = "choose feedback, recruitment, review or work, and write it into the line before you import"
    new = [phase for phase in done.plan.phases if phase.slug in done.phases and not phase.capability]
    return [f"line {phase.line}: what can be done in this phase is not recognised: {do}" for phase in new]


def _remarks(plan: Plan) -> list[str]:
    lines = [str(remark) for remark in plan.remarks[:_SHOWN_REMARKS]]
    if len(plan.remarks) > _SHOWN_REMARKS:
        lines.append(f"{len(plan.remarks) - _SHOWN_REMARKS:,} more lines like these")
    return lines


def _damage(plan: Plan) -> list[str]:
    lines = [f"damaged: {damage}" for damage in plan.damage[:_SHOWN_DAMAGE]]
    if len(plan.damage) > _SHOWN_DAMAGE:
        lines.append(f"damaged: {len(plan.damage) - _SHOWN_DAMAGE:,} more")
    return lines
