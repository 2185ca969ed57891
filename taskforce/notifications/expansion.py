"""From a mailing to one row per recipient, in batches that may be interrupted anywhere and begun again."""

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from taskforce.core.clock import app_now
from taskforce.notifications import kinds, services
from taskforce.notifications.kinds import Context, MailKind, Params, Recipient
from taskforce.notifications.models import Mailing

logger = logging.getLogger(__name__)


def expand_due(batch: int = 500) -> int:
    """Write the mails of every queued mailing, `batch` rows a transaction; returns how many are new.

    A mailing that cannot be worked out is put off and does not hold up the others.
    """
    made = 0
    while (mailing := services.claim_mailing()) is not None:
        try:
            made += _expand(mailing, batch)
        except Exception as error:
            logger.exception("mailing cannot be expanded", extra={"kind": mailing.kind})
            services.put_off_mailing(mailing.pk, error=type(error).__name__)
    return made


def clear_superseded(batch: int = 500) -> int:
    """Bring after every row of the mailings that were taken back, `batch` rows a transaction; returns how many."""
    cleared = 0
    while new := services.clear_superseded(batch):
        cleared += new
    return cleared


def _expand(mailing: Mailing, batch: int) -> int:
    at = app_now()
    kind = kinds.get(mailing.kind)
    is_over = mailing.valid_until is not None and mailing.valid_until <= at
    if is_over or (kind.still_true is not None and not kind.still_true(mailing.params)):
        services.expire_mailing(mailing.pk)
        return 0
    made = 0
    for recipients in _batches(kind, mailing.params, batch):
        # Anew for each batch: what it says may have changed since the last one.
        new = services.add_recipients(mailing.pk, recipients, _contexts(kind, mailing.params), at=at)
        if new is None:
            return made
        made += new
    services.finish_mailing(mailing.pk, at=at)
    return made


def _contexts(kind: MailKind, params: Params) -> Callable[[str], Context]:
    """The mailing's context by language as things stand, made once for each."""
    made: dict[str, Context] = {}

    def context_for(language: str) -> Context:
        if language not in made:
            made[language] = kind.context(params, language) if kind.context else {}
        return made[language]

    return context_for


def _batches(kind: MailKind, params: Params, size: int) -> Iterator[list[Recipient]]:
    groups: Iterable[list[Recipient]] = kind.audience(params) if kind.audience else []
    recipients = chain.from_iterable(groups)
    while found := list(islice(recipients, size)):
        yield found
