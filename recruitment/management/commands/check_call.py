"""`manage.py check_call T [--phase P]`: what speaks against publishing the call of a task force as it stands."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recruitment import queries, readiness
from recruitment.models import Call
from taskforce.core import labels
from taskforce.core.clock import app_now
from taskforce.timeline import describe
from taskforce.timeline.models import TaskForce


class Command(BaseCommand):
    """The same check as on the page before publishing; of a published call it says how that stands now."""

    help = (
        "Check the call of a task force: one line for each finding, with where it is mended. Where there are several "
        "calls, the one that runs is meant, else the next to open, else the last; the first line says which."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The task force, and which of its calls."""
        parser.add_argument("task_force", metavar="T", help="short name of the task force in addresses")
        parser.add_argument("--phase", metavar="P", help="short name of the phase whose call is meant")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 0 where nothing blocks (warnings may be there), else 1; 1 too where there is no such call."""
        at = app_now()
        call, count = _meant(str(options["task_force"]), options["phase"])
        found = readiness.of(call, at)
        self.stdout.write(_which(call, count))
        for one in found:
            self.stdout.write(f"{'blocks' if one.blocks else 'warns'}  {one.code}  {one.text} [{one.part.label}]")
        against = readiness.blocking(found)
        if against:
            raise CommandError(f"Not ready: {len(against)} of {len(found)} findings block.")
        self.stdout.write(f"Ready: nothing blocks, {len(found)} to be read." if found else "Ready: nothing found.")


def _meant(slug: str, phase: str | None) -> tuple[Call, int]:
    """The call that is meant, and of how many."""
    task_force = TaskForce.objects.filter(slug=slug).first()
    if task_force is None:
        raise CommandError(f"There is no task force {slug}.")
    call, count = queries.meant_call(task_force, app_now())
    if phase:
        call = Call.objects.filter(phase__task_force=task_force, phase__slug=phase).select_related("phase").first()
    if call is None:
        raise CommandError(f"The task force {slug} has no call{f' in a phase {phase}' if phase else ''}.")
    return call, count


def _which(call: Call, count: int) -> str:
    """What is checked, in a line."""
    title, rule = labels.label(call, "title").text, describe.closes_rule(call.phase)
    state = "published" if call.published_at else "a draft"
    others = f"; one of {count} calls, the others by --phase" if count > 1 else ""
    return f"{title} ({call.phase.slug}, {state}, closes {rule}{others})"
