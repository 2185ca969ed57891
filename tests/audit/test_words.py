"""Every act that the code records has its words, and so has every detail that it writes beside it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from django.apps import apps
from django.utils.functional import Promise

from proposals.queries import titles
from recruitment.services.decisions import Released
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.portal import audit_details, audit_words
from taskforce.timeline.models import TaskForce
from tests.architecture.conftest import world as world
from tests.architecture.reading import nodes, parsed
from tests.architecture.walk import World
from tests.clients import Client

ROOT = Path(__file__).resolve().parents[2]
# Where the code is put together: the function that records, and all that it can come to.
_MADE = {
    "account.{name}": {"account.language", "account.zone"},
    "account.password-{act}": {f"account.password-{act}" for act in ("set", "changed", "reset")},
    "deletion.{action}": {"deletion.do", "deletion.refuse"},
    "invitation.{what}": {f"invitation.{state}" for state in ("invited", "accepted", "declined", "withdrawn")},
    "feedback.{action}": {"feedback.publish", "feedback.hide"},
    "feedback.appeal-{outcome}": {"feedback.appeal-upheld", "feedback.appeal-put-back"},
    "feedback.reply-appeal-{outcome}": {"feedback.reply-appeal-upheld", "feedback.reply-appeal-put-back"},
    "feedback.reply-{action}": {"feedback.reply-publish", "feedback.reply-hide"},
    "task-force.{action}": {"task-force.announce", "task-force.cancel", "task-force.end"},
    "mail.{action}": {"mail.release", "mail.requeue", "mail.resolve-sent", "mail.resolve-failed"},
    "phase.{act.value}": {"phase.extended", "phase.shortened", "phase.closed", "phase.cancelled"},
    "{watched}.listed": set(),
    "{watched}.read": set(),
}
_WRITERS = {"record", "record_read", "log_act", "_record", "record_with"}
# Modules whose own writer puts this before the words it is given.
_PREFIXED = {
    "taskforce/timeline/services/bulletins.py": "bulletin.",
    "taskforce/timeline/services/following.py": "subscription.",
}


def _files() -> Iterator[Path]:
    for app in ("taskforce", "proposals", "feedback", "recruitment"):
        yield from (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def recorded(source: str, path: str = "") -> set[str]:
    """The codes that a module records; of those that are put together the pattern."""
    found = set()
    prefix = _PREFIXED.get(path, "")
    for node in nodes(parsed(source)):
        if not isinstance(node, ast.Call) or _name(node.func) not in _WRITERS:
            continue
        for argument in node.args[:2]:
            found |= {f"{prefix}{code}" if prefix and "." not in code else code for code in _codes(argument)}
    return {code for code in found if "." in code}


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _codes(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, ast.IfExp):
        yield from _codes(argument.body)
        yield from _codes(argument.orelse)
    elif isinstance(argument, ast.JoinedStr):
        yield ast.unparse(argument)[2:-1]


def _watched() -> set[str]:
    """What pages that are watched write."""
    found = set()
    for path in _files():
        for node in nodes(parsed(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and _name(node.targets[0]) == "watched":
                word = ast.literal_eval(node.value)
                found |= {f"{word}.listed", f"{word}.read"} if word else set()
            if isinstance(node, ast.Call) and _name(node.func) in ("note_list", "note_row") and len(node.args) > 1:
                kind = "listed" if _name(node.func) == "note_list" else "read"
                found |= {f"{code}.{kind}" for code in _codes(node.args[1])}
    return found


@cache
def every_code() -> frozenset[str]:
    """All codes that can come into the log."""
    found = _watched()
    for path in _files():
        for code in recorded(path.read_text("utf-8"), str(path.relative_to(ROOT))):
            if "{" not in code:
                found.add(code)
            elif not any(code.startswith(start) for start in ("bulletin.", "subscription.")):
                assert code in _MADE, f"{path}: nobody says what {code} can come to"
                found |= _MADE[code]
    return frozenset(found)


def test_every_act_has_its_words() -> None:
    assert every_code() - set(audit_words.ACTIONS) == set()


def test_an_act_without_words_is_found() -> None:
    """The twin: each way of writing an entry is seen."""
    assert {"phase.extended", "identity.read", "application.listed", "bulletin.sent"} - every_code() == set()


def test_a_new_act_is_found() -> None:
    assert recorded('log.record("thing.done" if x else "thing.undone", at=at)') == {"thing.done", "thing.undone"}
    assert recorded("log.record(f'thing.{act}', at=at)") == {"thing.{act}"}


# --- details ---------------------------------------------------------------------------------------------------------

_COLUMNS = {"at", "actor", "actor_id", "task_force_id", "reason"}
# What a call hands on that no dictionary in its function says.
_SPREAD = {"made._asdict()": set(Released._fields)}


def keys_of(call: ast.Call, function: ast.AST) -> set[str]:
    """The keys that a call which records writes as details; of a dictionary that it spreads those that it may have."""
    found = {keyword.arg for keyword in call.keywords if keyword.arg} - _COLUMNS
    for keyword in call.keywords:
        if keyword.arg is None:
            found |= _spread(keyword.value, function)
    return found


def _spread(value: ast.expr, function: ast.AST) -> set[str]:
    if (named := _SPREAD.get(ast.unparse(value))) is not None:
        return named
    name = getattr(value, "id", "")
    own = getattr(getattr(function, "args", None), "kwarg", None)
    if own is not None and own.arg == name:
        return set()  # its callers say them
    found = set()
    for node in nodes(function):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Subscript) and getattr(target.value, "id", "") == name:
                found.add(ast.literal_eval(target.slice))
            if isinstance(target, ast.Name) and target.id == name and isinstance(node, ast.Assign | ast.AnnAssign):
                assert node.value is not None
                found |= _keys(node.value)
    assert found, f"nobody says what {ast.unparse(value)} holds"
    return found


def _keys(value: ast.expr) -> set[str]:
    """The keys of every dictionary in an expression."""
    found = set()
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            found |= {ast.literal_eval(key) for key in node.keys if key is not None}
        if isinstance(node, ast.DictComp):
            found |= set(ast.literal_eval(node.generators[0].iter))
    return found


def details_of(source: str, path: str = "") -> dict[str, set[str]]:
    """{code: keys} of a module; of a code that is put together the pattern, of one that its caller names ""."""
    found: dict[str, set[str]] = {}
    functions = [node for node in nodes(parsed(source)) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        for call in nodes(function):
            if not isinstance(call, ast.Call) or _name(call.func) not in _WRITERS:
                continue
            codes = {code for argument in call.args[:2] for code in _codes(argument)}
            prefix = _PREFIXED.get(path, "")
            for code in codes or {""}:
                full = f"{prefix}{code}" if prefix and "." not in code else code
                found.setdefault(full, set()).update(keys_of(call, function))
    return found


@cache
def every_key() -> frozenset[tuple[str, str]]:
    """Every (code, key) that can come into the log."""
    found = set()
    for path in _files():
        for code, keys in details_of(path.read_text("utf-8"), str(path.relative_to(ROOT))).items():
            found |= {(each, key) for each in _MADE.get(code) or {code} for key in keys}
    return frozenset(found)


def test_every_detail_of_every_act_has_its_words() -> None:
    said = {(code, key) for code, key in every_key() if not audit_words.is_closed(code)}
    assert {one for one in said if audit_details.detail(*one) is None} == {
        ("mailing.published", key) for key in audit_details.UNSAID
    }


def test_each_way_of_writing_a_detail_is_seen() -> None:
    """The twin."""
    written = {
        ("role.removed", "granted_at"),
        ("phase.noticed", "outcome"),
        ("followers.added", "limited"),
        ("announcement.published", "everybody"),
        ("bulletin.drafted", "corrects"),
        ("call.released", "accepted"),
        ("account.zone", "before"),
        ("task-force.end", "after"),
        ("{watched}.listed", "searched"),
        ("", "ends_version"),
    }
    assert written - every_key() == set()


def test_a_new_detail_is_found() -> None:
    source = "def act():\n    more = {'colour': 1}\n    log.record('thing.done', at=at, size=2, **more)"
    assert details_of(source) == {"thing.done": {"colour", "size"}}
    assert audit_details.detail("thing.done", "colour") is None
    with pytest.raises(AssertionError, match="nobody says"):
        details_of("def act(more):\n    log.record('thing.done', at=at, **more)")


def test_every_count_says_what_it_counts() -> None:
    """A look at a list what was shown of it, an act what it was done to; no act falls back on "number"."""
    counting = {code for code, key in every_key() if key == "count"}
    assert {"{watched}.listed", "audit.listed", "mail.requeue", "mailing.stopped", "phase.noticed"} <= counting
    labels = {code: str(found.label) for code in counting if (found := audit_details.detail(code, "count"))}
    assert {labels[code] for code in counting if code.endswith(".listed")} == {"Entries shown"}
    assert {code: label for code, label in labels.items() if label in ("Number", "count")} == {}
    assert "Entries shown" not in {label for code, label in labels.items() if not code.endswith(".listed")}


def test_no_label_waits_for_a_key_that_nobody_writes() -> None:
    written = {key for _code, key in every_key()}
    assert set(audit_details.DETAILS) - written == set()


# --- on the page -----------------------------------------------------------------------------------------------------

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_of_a_whole_process_nothing_is_shown_as_a_code(world: World, language: str) -> None:
    """Every entry that the life of a task force leaves, as the data officer reads it."""
    client = Client()
    client.force_login(User.objects.get(email="privacy@demo.example"))
    keys: set[str] = set()
    shown, query = 0, cast("str | None", "")
    while query is not None:
        context = (page := client.get(f"/{language}/admin/audit/entry/{query}")).context
        for row in context["rows"]:
            assert {key for key, _value in row.particulars} & set(row.entry.details) == set()
            keys |= set(row.entry.details)
            shown += 1
        html = re.sub(r'datetime="[^"]+"', "", page.content.decode())
        assert not _INSTANT.search(html)
        assert not re.search(r"zh-hant(?=[^-/\"'])", html.partition("aud-list")[2].lower())
        query = context["older"] or None
    assert shown > 50
    assert {"opens_at", "ends_version", "language", "role", "state", "window", "revision"} <= keys


@pytest.mark.long
@pytest.mark.django_db
def test_a_detail_in_words(world: World) -> None:
    """Instants under their rule's name and in UTC, languages by their own name, roles and states by their labels."""
    client = Client()
    client.force_login(User.objects.get(email="admin@demo.example"))
    html = client.get("/en/admin/audit/entry/?action=phase.published").content.decode()
    assert "28 February 2022, anywhere on Earth (AoE)" in html
    assert "1 March 2022, 12:00 UTC" in html
    assert "Version of its dates" in html
    html = client.get("/en/admin/audit/entry/?action=role.granted").content.decode()
    assert 'lang="zh-Hant"' in html.partition("aud-list")[2]
    assert "translator" in html
    assert 'dir="rtl">العربية</bdi>' in html
    html = client.get("/en/admin/audit/entry/?action=feedback.submitted").content.decode()
    assert "this portal" in html
    window = Entry.objects.filter(action="feedback.submitted").latest("pk").details["window"]
    assert f"/en/admin/feedback/feedbackwindow/{window}/change/" in html


@pytest.mark.long
def test_a_text_is_called_by_its_title_and_a_mailing_by_no_key(world: World) -> None:
    client = Client()
    client.force_login(User.objects.get(email="admin@demo.example"))
    rows = client.get("/zh-hant/admin/audit/entry/?action=proposal.published").context["rows"]
    called = {listed.proposal.slug: listed.title.text for listed in titles(TaskForce.objects.get(), "zh-hant")}
    assert len(rows) == len(called) > 0
    for row in rows:
        slug = row.target_url.rstrip("/").rpartition("/")[2]
        assert row.target_url == f"/zh-hant/tf/leadership-development/proposals/{slug}/"
        assert called[slug] in row.target
    assert "phase-event:" not in client.get("/en/admin/audit/entry/?action=mailing.published").content.decode()


def test_what_acts_are_about_has_words_in_every_language(world: World) -> None:
    """A model without a name of its own would be called by its class."""
    labels = set(Entry.objects.exclude(target_type="").values_list("target_type", flat=True).distinct())
    bare = {label for label in labels if not isinstance(apps.get_model(label)._meta.verbose_name, Promise)}
    assert len(labels) > 10
    assert bare - set(audit_words.KINDS) == set()
