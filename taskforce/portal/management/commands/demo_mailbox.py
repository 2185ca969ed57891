"""`manage.py demo_mailbox --port N`: the SMTP server whose mails stand under `/demo/mail/`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taskforce.portal import mailbox_server
from taskforce.portal.demo.only import demo_command


class Command(BaseCommand):
    """Receives on loopback, in the demo only."""

    help = "Receive the demo's mails over SMTP on 127.0.0.1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port is the caller's choice."""
        parser.add_argument("--port", type=int, required=True)

    @demo_command
    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        port = options["port"]
        self.stdout.write(f"mailbox: receiving on 127.0.0.1:{port}")
        try:
            mailbox_server.serve(port)
        except OSError as error:
            raise CommandError(f"mailbox: port {port} cannot be used: {error.strerror}") from None
