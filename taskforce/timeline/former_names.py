"""What task forces were called before, in words: for everybody, and with each language's names for staff."""

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import labels, languages
from taskforce.core.sentences import filled
from taskforce.core.templatetags.portal import local_time
from taskforce.timeline import describe
from taskforce.timeline.models import Rename


def renaming(one: Rename) -> dict[str, Any]:
    """A renaming as public pages tell it: both names in the reader's language or the next, who, why, when.

    `is_name` and `is_address` say what changed for this reader.
    """
    old, new = labels.chosen(one.old_names), labels.chosen(one.new_names)
    return {
        "old": describe.in_language(*old),
        "new": describe.in_language(*new),
        "is_name": old != new,
        "old_slug": one.old_slug,
        "new_slug": one.new_slug,
        "is_address": one.old_slug != one.new_slug,
        "name": one.actor_name,
        "reason": describe.told_in(one.reason, one.reason_language),
        "at": one.at,
    }


def former_names(renames: Iterable[Rename]) -> list[dict[str, Any]]:
    """What it was called for this reader before, newest first: each name with the instant until which it was so last.

    What it is called now is no former name, also where it was called otherwise in between.
    """
    told = [each for each in map(renaming, renames) if each["is_name"]]
    seen = {str(each["new"]) for each in told[:1]}
    found = []
    for each in told:
        if str(each["old"]) not in seen:
            seen.add(str(each["old"]))
            found.append({"name": each["old"], "until": each["at"]})
    return found


def renaming_note(one: Rename) -> SafeString:
    """Which names were changed, each with its language, from what to what, by whom, with the reason; for staff."""
    told = renaming(one)
    name = format_html("<bdi>{}</bdi>", one.actor_name)
    said = filled(_("Changed on %(day)s by %(name)s."), day=local_time(one.at), name=name)
    reason = filled(_("Reason: %(reason)s"), reason=told["reason"])
    changes = [
        _name_change(code, one.old_names.get(code, ""), one.new_names.get(code, ""))
        for code in languages.CODES
        if one.old_names.get(code, "") != one.new_names.get(code, "")
    ]
    if told["is_address"]:
        old, new = (format_html("<bdi>{}</bdi>", told[which]) for which in ("old_slug", "new_slug"))
        changes.append(filled(_("Address: %(old)s became %(new)s"), old=old, new=new))
    rows = format_html_join("", "<li>{}</li>", ((change,) for change in changes))
    gap = languages.gap(get_language() or "en")
    return format_html("<div><p>{}{}{}</p><ul>{}</ul></div>", said, gap, reason, rows)


def _name_change(code: str, old: str, new: str) -> SafeString:
    """What became of the name in one language, which may have had none before, or none since."""
    values = {"language": describe.in_language(languages.OWN_NAMES[code], code)}
    values |= {"old": describe.in_language(old, code), "new": describe.in_language(new, code)}
    if not old:
        return filled(_("%(language)s: “%(new)s”, where there was no name"), **values)
    if not new:
        return filled(_("%(language)s: “%(old)s”, and no name since"), **values)
    return filled(_("%(language)s: “%(old)s” became “%(new)s”"), **values)
