"""Whether the migrations make the tables that the models describe."""

from django.core.management.commands.makemigrations import Command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState


def pending_migrations(models: ProjectState) -> list[str]:
    """What `makemigrations` would write for these models, and branches that were never merged."""
    loader = MigrationLoader(None)
    questions = NonInteractiveMigrationQuestioner(dry_run=True, verbosity=0)
    # The command's own: it also notices triggers.
    detector = Command.autodetector(loader.project_state(), models, questions)
    found = [f"{label} has several last migrations: {names}" for label, names in loader.detect_conflicts().items()]
    for label, migrations in detector.changes(graph=loader.graph).items():
        found += [f"{label}: {change.describe()}" for migration in migrations for change in migration.operations]
    return found
