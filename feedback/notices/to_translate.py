"""The mails to those who translate summaries: that one waits for their language, and that the source of one changed.

Each is about one language, and goes once: of a summary that waits when it is first written, of a change once for each
source that the translation was made from. One that has not left yet goes no more when there is nothing to do.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import get_language

from feedback import reaching, rules, summaries
from feedback.models import FeedbackWindow, SummaryDraft
from feedback.notices.summary import mail_context, sample
from taskforce.accounts.models import User
from taskforce.accounts.queries import speakers
from taskforce.core import languages
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import Context
from taskforce.notifications.models import Mailing
from taskforce.timeline.notices.links import absolute

WAITS, OUTDATED = "summary-to-translate", "summary-outdated"
# So long a mail waits: whoever writes a summary saves it more than once.
_WAIT = timedelta(hours=1)


def tell(draft: SummaryDraft, before: Collection[str] | None, *, by_id: int, at: datetime) -> None:
    """Tell translators what there is to do since a draft was saved: of all languages that it lacks where it is new
    (`before` is None), else of those whose translation is outdated now and was not `before`; nobody of what they have
    done themselves."""
    forget_done(draft)
    outdated = set(summaries.outdated(draft)) - set(before or ())
    lacking = set(languages.CODES) - set(draft.texts) if before is None else set()
    todo = [code for code in languages.CODES if code in outdated | lacking]
    task_force_id = draft.window.phase.task_force_id
    found = speakers(rules.TRANSLATORS - rules.LEADERS, task_force_id, todo)
    readers = reaching.of_users(user.pk for user in found if user.pk != by_id)
    for user, codes in found.items():
        if user.pk not in readers:
            continue
        for code in codes:
            _tell(draft, code, user.pk, readers[user.pk], is_outdated=code in outdated, at=at)


def forget_done(draft: SummaryDraft) -> None:
    """Take back the mails that still wait about a language in which nothing is to be done any more."""
    outdated = summaries.outdated(draft)
    for code in draft.texts:
        services.take_back_singles(_prefix(WAITS, draft.window_id, code), failed_too=True)
        if code not in outdated:
            services.take_back_singles(_prefix(OUTDATED, draft.window_id, code), failed_too=True)


def _tell(
    draft: SummaryDraft, code: str, user_id: int, reader: reaching.Reader, *, is_outdated: bool, at: datetime
) -> None:
    kind = OUTDATED if is_outdated else WAITS
    made_from = f":{draft.made_from.get(code, '')}" if is_outdated else ""
    services.enqueue(
        kind,
        key=f"{_prefix(kind, draft.window_id, code)}{user_id}{made_from}",
        mailbox=reader.mailbox,
        language=reader.language,
        zone=reader.zone,
        context={"about": [draft.window_id, code], **_context(draft.window, code, reader.language)},
        at=at,
        task_force_id=draft.window.phase.task_force_id,
        wait=_WAIT,
    )


def _prefix(kind: str, window_id: int, code: str) -> str:
    return f"{kind}:{window_id}:{code}:"


def _context(window: FeedbackWindow, code: str, language: str) -> Context:
    place = {"task_force": window.phase.task_force.slug, "window": window.slug}
    return {
        **mail_context(window, language),
        "name": languages.OWN_NAMES[code],
        "url": absolute("feedback:translate_summary", code, **place),
    }


def _freshened(context: Context, mailbox: str, *, at: datetime, is_true: Callable[[Mailing], bool]) -> Context | None:
    """None of a mail that is about to go to somebody who translates into the language no more."""
    window_id, code = context.get("about", (0, ""))
    window = FeedbackWindow.objects.filter(pk=window_id).select_related("phase").first()
    reader = User.objects.filter(emailaddress__email__iexact=mailbox).first()
    if window is None or reader is None:
        return context
    return context if rules.may_translate(reader, window.phase.task_force_id, code)[0] else None


def _sample() -> dict[str, Any]:
    code = get_language() or "en"
    with translation.override(code):
        return {"about": [0, code], **sample(), "name": languages.OWN_NAMES[code]}


def register() -> None:
    """Make the mails known to the outbox."""
    for name in (WAITS, OUTDATED):
        kinds.register(kinds.MailKind(name, MailClass.TRANSACTIONAL, sample=_sample, freshened=_freshened))
