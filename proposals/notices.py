"""The mails of texts: one function per mail."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from proposals import queries
from proposals.models import Proposal, Revision
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import Context
from taskforce.notifications.models import Mailing
from taskforce.notifications.services import enqueue, freshen_singles, take_back_singles

OUTDATED = "translation-outdated"
# So long a mail to a translator waits for more: publications that follow quickly make one.
_WAIT = timedelta(minutes=10)


def register() -> None:
    """Tell the outbox about the mails of this app; called once, when the apps are ready."""
    kind = kinds.MailKind(OUTDATED, MailClass.TRANSACTIONAL, sample=_sample, freshened=_freshened)
    kinds.register(kind)


def outdated(proposal: Proposal, revision: Revision, translator: User, counts: Mapping[str, int], at: datetime) -> None:
    """To a translator: how many paragraphs are outdated in each of their languages that this revision has touched.

    One that still waits, or has failed, is taken back: this one says all that it said.
    """
    prefix = f"{_prefix(proposal)}{translator.pk}:"
    take_back_singles(prefix, failed_too=True)
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug}
    lines = []
    for code, count in counts.items():
        with translation.override(code):
            url = reverse("proposals:translate", kwargs=names)
        lines.append(
            {"name": languages.OWN_NAMES[code], "count": count, "url": f"{settings.SITE_URL}{url}?show=outdated"}
        )
    enqueue(
        OUTDATED,
        key=f"{prefix}{revision.number}",
        mailbox=translator.email,
        language=translator.language,
        zone=translator.zone,
        context={
            "proposal": proposal.pk,
            "title": queries.title_of(proposal, translator.language).text,
            "lines": lines,
        },
        at=at,
        task_force_id=proposal.task_force_id,
        wait=_WAIT,
    )


def recount(proposal: Proposal) -> int:
    """Let the mails that still wait, or have failed and may be sent again, tell only of what is outdated now, and take
    back those of which nothing is; returns how many were changed.

    To be called in the transaction of each act that may have brought something up to date.
    """
    counts = cache(lambda: _counts(proposal))
    return freshen_singles(_prefix(proposal), lambda context: _left(context, counts()))


def _prefix(proposal: Proposal) -> str:
    return f"{OUTDATED}:{proposal.pk}:"


def _counts(proposal: Proposal) -> dict[str, int]:
    """{a language's own name: how many of its translations are outdated}."""
    return dict(Counter(languages.OWN_NAMES[one.language] for one in queries.outdated(proposal)))


def _left(context: Context, counts: Mapping[str, int]) -> Context | None:
    """What of such a mail still holds."""
    lines = [{**line, "count": counts[line["name"]]} for line in context.get("lines", []) if counts.get(line["name"])]
    return {**context, "lines": lines} if lines else None


def _freshened(context: Context, mailbox: str, *, at: datetime, is_true: Callable[[Mailing], bool]) -> Context | None:
    """As `recount`, of a mail that is about to go: it may have been with a sender, and come back to the queue.

    It tells nobody of a language into which they translate no more; an address that is nobody's now says nothing of it.
    """
    proposal = Proposal.objects.filter(pk=context.get("proposal", 0)).first()
    if proposal is None:
        return context
    counts = _counts(proposal)
    reader = User.objects.filter(email=mailbox).first()
    if reader is not None:
        own = {languages.OWN_NAMES[code] for code in queries.translators(proposal, languages.CODES).get(reader, [])}
        counts = {name: count for name, count in counts.items() if name in own}
    return _left(context, counts)


def _sample() -> dict[str, Any]:
    code = translation.get_language() or "en"
    url = f"{settings.SITE_URL}/{code}/tf/leadership-development/proposals/proposal/translate/?show=outdated"
    title = {"ar": "فرقة عمل تنمية القيادة", "zh-hant": "領導力發展專案組"}.get(
        code, "Leadership Development Task Force"
    )
    return {"proposal": 0, "title": title, "lines": [{"name": languages.OWN_NAMES[code], "count": 2, "url": url}]}
