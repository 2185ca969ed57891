"""Models and migrations agree."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_pending_migrations() -> None:
    """`makemigrations --check` finds nothing to write; it exits with 1 where it does."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
