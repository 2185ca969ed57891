"""The portal's Celery app, whose worker says a word when it is ready: whoever searches its log has to find that."""

import logging
import os
from typing import Any

from celery.signals import worker_ready

from taskforce.celery import app as app


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def say(**_: Any) -> None:
    """One line, as a careless one would be."""
    logging.getLogger("portal").warning("sent to %s", os.environ["SAID"])
