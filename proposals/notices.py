"""The mails of texts: one function per mail."""

from collections.abc import Mapping
from datetime import datetime, timedelta
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
from taskforce.notifications.services import enqueue, take_back_singles

OUTDATED = "translation-outdated"
# So long a mail to a translator waits for more: publications that follow quickly make one.
_WAIT = timedelta(minutes=10)


def register() -> None:
    """Tell the outbox about the mails of this app; called once, when the apps are ready."""
    kinds.register(kinds.MailKind(OUTDATED, MailClass.TRANSACTIONAL, sample=_sample))


def outdated(proposal: Proposal, revision: Revision, translator: User, counts: Mapping[str, int], at: datetime) -> None:
    """To a translator: how many paragraphs are outdated in each of their languages that this revision has touched.

    One that still waits is taken back: this one says all that it said.
    """
    prefix = f"{OUTDATED}:{proposal.pk}:{translator.pk}:"
    take_back_singles(prefix)
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
        context={"title": queries.title_of(proposal, translator.language).text, "lines": lines},
        at=at,
        task_force_id=proposal.task_force_id,
        wait=_WAIT,
    )


def _sample() -> dict[str, Any]:
    code = translation.get_language() or "en"
    url = f"{settings.SITE_URL}/{code}/tf/leadership-development/proposals/proposal/translate/?show=outdated"
    title = {"ar": "فرقة عمل تنمية القيادة", "zh-hant": "領導力發展專案組"}.get(
        code, "Leadership Development Task Force"
    )
    return {"title": title, "lines": [{"name": languages.OWN_NAMES[code], "count": 2, "url": url}]}
