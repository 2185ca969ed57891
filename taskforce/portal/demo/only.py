"""Commands that would be destructive on a real portal run in the demo only."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

Handle = Callable[..., None]


def demo_command(handle: Handle) -> Handle:
    """Refuse to run outside the demo, in one line."""

    @wraps(handle)
    def wrapped(self: Any, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This command belongs to the demo (DEMO=1); on a real portal it does nothing.")
        handle(self, *args, **options)

    return wrapped
