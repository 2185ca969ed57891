"""The mails about a public act on a call: to all who follow the task force's dates, and to those who have begun or sent
an application.

These get theirs in place of the followers' mail: both have the same key, so that whichever is written first is the only
one, and the daily mail knows it as well. Nothing here derives from what was decided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from recruitment import links, plan, queries
from recruitment.enums import ApplicationState, ChangeKind
from recruitment.models import Application, Call, CallChange
from recruitment.notices import letters
from recruitment.notices.reminding import stop_url
from taskforce.accounts.models import User
from taskforce.core import labels, languages
from taskforce.core.templatetags.portal import percent
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.queries import mail_key
from taskforce.timeline import describe, windows
from taskforce.timeline import queries as timeline
from taskforce.timeline.enums import Topic

KIND = "call-changed"
OWN = "application-call-changed"


def changed(change: CallChange, call: Call) -> None:
    """Tell those who apply, each in their language, and everybody who follows, once an act."""
    key = _key(call.pk, change.number)
    is_open = windows.is_open(call.phase, change.at)
    said: dict[str, dict[str, Any]] = {}
    for batch in queries.to_tell_of_change(call, drafts_too=is_open):
        mails = [
            services.Single(
                mail_key(key, one.applicant.email),
                (one.applicant.email, letters.language_of(one.applicant, one), one.applicant.zone),
                _own(change, call, one, said, is_open=is_open),
            )
            for one in batch
        ]
        services.enqueue_all(OWN, mails, at=change.at, task_force_id=call.phase.task_force_id)
    services.publish_mailing(
        KIND,
        key=key,
        params={"change": change.pk, "task_force": call.phase.task_force_id},
        at=change.at,
        task_force_id=call.phase.task_force_id,
        topic=Topic.DEADLINES,
    )


def about(application: Application) -> Q:
    """Which mails of the outbox told an applicant of acts on the call: their keys do not name the application."""
    to = User.objects.filter(pk=application.applicant_id).values("email")
    return Q(kind=OWN, key__startswith=_key(application.call_id, ""), mailbox__in=to)


def _key(call_id: int, number: int | str) -> str:
    return f"{KIND}:{call_id}:{number}"


def _own(
    change: CallChange, call: Call, application: Application, said: dict[str, dict[str, Any]], *, is_open: bool
) -> dict[str, Any]:
    language = letters.language_of(application.applicant, application)
    if language not in said:
        said[language] = mail_context(change, call, language)
    is_submitted = application.state == ApplicationState.SUBMITTED
    found = said[language] | letters.context(application, application.applicant, call)
    found |= {"is_submitted": is_submitted, "is_open": is_open}
    found |= {"call_url": said[language]["url"], **_closes(call, language, change.at)}
    # Who has submitted hears of the call whatever they said about drafts.
    return found if is_submitted else found | {kinds.STOP: stop_url(call, application.applicant_id, language)}


def _closes(call: Call, language: str, at: datetime) -> dict[str, Any]:
    if not windows.is_open(call.phase, at):
        return {}
    with translation.override(language):
        return {"closes_at": call.phase.closes_at.isoformat(), "closes_rule": describe.closes_rule(call.phase)}


def mail_context(change: CallChange, call: Call, language: str) -> dict[str, Any]:
    """What the mail about an act says to a reader of `language`; plain JSON."""
    is_seats = change.kind == ChangeKind.SEATS
    old, new = change.old_criteria or [], change.new_criteria or []
    is_weighed = queries.is_weighed_otherwise(old, new)
    with translation.override(language):
        path = links.call(call, is_only=False)
        return {
            "task_force": labels.label(call.phase.task_force, "name")._asdict(),
            "call": labels.label(call, "title")._asdict(),
            "is_seats": is_seats,
            "old_seats": change.old_seats or 0,
            "new_seats": change.new_seats or 0,
            "old_criteria": _criteria(old) if is_weighed else [],
            "new_criteria": _criteria(new) if is_weighed else [],
            "remeant": _remeant(old, new),
            "words": _words(change.words or []),
            "reason": labels.label(change, "reason")._asdict(),
            "name": change.actor_name,
            "url": f"{settings.SITE_URL}{path}#changes",
        }


def _criteria(specs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"label": labels.chosen(one["labels"])._asdict(), "weight": str(percent(one["weight"]))} for one in specs]


def _remeant(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The criteria of which a score means something else, or the hint says so, each once."""
    hints = [one for one in queries.reworded(old, new) if one.field == "help_texts"]
    found: dict[str, dict[str, Any]] = {}
    for said in [one.labels for one in queries.remeant(old, new)] + [one.labels for one in hints]:
        label = labels.chosen(said)._asdict()
        found.setdefault(str(label), label)
    return list(found.values())


def _words(words: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the texts are called that say something else, each once, with the languages in which they do."""
    found: dict[str, list[str]] = {}
    for one in words:
        found.setdefault(one["field"], []).append(languages.OWN_NAMES[one["language"]])
    return [f"{plan.WORDS[name]} ({' · '.join(codes)})" for name, codes in found.items()]


# --- as the outbox knows them -----------------------------------------------------------------------------------------


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return timeline.subscribers(params["task_force"], Topic.DEADLINES)


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    change = CallChange.objects.select_related("call__phase__task_force").get(pk=params["change"])
    return mail_context(change, change.call, language)


_CRITERIA: tuple[Mapping[str, str], ...] = (
    {"en": "Experience", "zh-hant": "經驗", "ar": "الخبرة"},
    {"en": "Perspective", "zh-hant": "觀點", "ar": "المنظور"},
)


def _weighed(weights: Iterable[int]) -> list[dict[str, Any]]:
    pairs = zip(_CRITERIA, weights, strict=True)
    return [{"label": kinds.example(dict(label)), "weight": str(percent(weight))} for label, weight in pairs]


def _sample() -> dict[str, Any]:
    """An act that changes all that one can, so that every sentence of the mail is seen."""
    own = letters.sample()
    return {
        "task_force": own["task_force"],
        "call": own["call"],
        "is_seats": True,
        "old_seats": 12,
        "new_seats": 15,
        "old_criteria": _weighed((60, 40)),
        "new_criteria": _weighed((50, 50)),
        "remeant": [kinds.example(dict(_CRITERIA[0]))],
        "words": ["Allowance (English)"],
        "reason": {"text": "To have all regions.", "language": "en"},
        "name": "Cora Sample",
        "url": own["url"].replace("application/", "") + "#changes",
    }


def _own_sample() -> dict[str, Any]:
    own = letters.sample()
    return {
        **_sample(),
        "call_url": _sample()["url"],
        "url": own["url"],
        "reference": own["reference"],
        "is_submitted": True,
        "is_open": True,
        "closes_at": own["closes_at"],
        "closes_rule": own["closes_rule"],
        kinds.STOP: f"{own['url'].partition('?')[0]}reminders/pYh3/",
    }


def register() -> None:
    """Tell the outbox about both."""
    kinds.register(
        kinds.MailKind(
            KIND,
            MailClass.ANNOUNCEMENT,
            context=_context,
            audience=_audience,
            follows=timeline.follows,
            sample=_sample,
        )
    )
    kinds.register(kinds.MailKind(OWN, MailClass.TRANSACTIONAL, sample=_own_sample))
