"""`manage.py stop_telling ADDRESS…`: authors who ask for erasure are told at these addresses no more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from feedback import services


class Command(BaseCommand):
    """For the operator, beside `deploy/forget.sql`, which cannot open what is sealed."""

    help = "Forget mail addresses at which authors asked to be told what becomes of their feedback."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One address or more."""
        parser.add_argument("addresses", nargs="+", metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line: with how many texts they stood, which is not an error where it was none."""
        self.stdout.write(f"Forgotten with {services.forget_mailboxes(options['addresses'])} texts.")
