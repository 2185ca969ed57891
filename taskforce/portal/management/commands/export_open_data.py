"""`manage.py export_open_data T FOLDER`: what is public of a task force, as files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feedback import hidden_data, summary_data
from feedback import opendata as feedback
from taskforce.core.clock import app_now
from taskforce.timeline import opendata as phases
from taskforce.timeline import queries
from taskforce.timeline.models import TaskForce


class Command(BaseCommand):
    """The same bytes as at `/open-data/T/`; files of an earlier run are written anew."""

    help = "Writes the open data of a task force into a folder: phases, feedback, hidden, summaries; JSON and CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        """The short name of the task force, and where to."""
        parser.add_argument("task_force", metavar="T", help="its short name, as in its address: /tf/T/")
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="where to; made if it is not there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each file that was written."""
        task_force = TaskForce.objects.filter(slug=options["task_force"]).first()
        if task_force is None:
            raise CommandError(f"There is no task force “{options['task_force']}”.")
        hidden = hidden_data.rows(task_force)
        told = summary_data.rows(task_force)
        dates = phases.phases(list(queries.phases(task_force)), app_now())
        files: dict[str, Iterable[bytes]] = {
            "phases.json": [phases.as_json(dates)],
            "phases.csv": [phases.as_csv(dates)],
            "feedback.json": feedback.as_json(task_force),
            "feedback.csv": feedback.as_csv(task_force),
            "hidden.json": [hidden_data.as_json(hidden)],
            "hidden.csv": [hidden_data.as_csv(hidden)],
            "summaries.json": [summary_data.as_json(told)],
            "summaries.csv": [summary_data.as_csv(told)],
        }
        folder: Path = options["folder"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, parts in files.items():
                with (folder / name).open("wb") as file:
                    file.writelines(parts)
                self.stdout.write(str(folder / name))
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from None
