"""`manage.py stop_telling ADDRESS…`: authors who ask for erasure are told at these addresses no more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feedback import services
from taskforce.notifications import mailboxes


class Command(BaseCommand):
    """For the operator, beside `deploy/forget.sql`, which cannot open what is sealed."""

    help = (
        "Forget mail addresses at which authors asked to be told what becomes of their feedback. "
        "One line says of each with how many texts it stood; that it stood with none is no error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One address or more."""
        told = "a mail address as its owner wrote it, in large or small letters; several with blanks between them"
        parser.add_argument("addresses", nargs="+", metavar="ADDRESS", help=told)

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each; exit code 1, and nothing forgotten, where one of them is no mail address."""
        typed = [str(address) for address in options["addresses"]]
        found = {address: _mailbox(address) for address in typed}
        if wrong := [address for address, mailbox in found.items() if not mailbox]:
            raise CommandError(f"No mail address: {', '.join(wrong)}. Nothing was forgotten.")
        stood = services.forget_mailboxes(found.values())
        for address, mailbox in found.items():
            self.stdout.write(_told(address, stood[mailbox]))


def _mailbox(typed: str) -> str:
    """An address as it is stored; empty where nobody can have been told there."""
    try:
        return mailboxes.checked(typed)
    except mailboxes.UnusableMailbox:
        return ""


def _told(address: str, texts: int) -> str:
    """What came of an address."""
    if not texts:
        return f"Nothing is kept under {address}."
    return f"{address}: forgotten with {texts} {'text' if texts == 1 else 'texts'}."
