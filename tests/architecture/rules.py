"""The house rules as functions: each gets a path and its text and returns what it found wrong.

Pure, so that every rule can be shown to fail (`test_every_rule_can_fail.py` hands each one its own offences).
"""

import ast
import re
from collections.abc import Callable

from tests.architecture.markup import bad_blocktranslate, html_by_hand, inline_code, second_renderer, unescaped
from tests.architecture.permissions import role_outside_rules
from tests.architecture.reading import ROOT as ROOT
from tests.architecture.reading import calls, imports, last, nodes, of_models, parsed, strings, uses
from tests.architecture.statuses import status_outside_services
from tests.architecture.timekeeping import sql_time_outside_clock, time_in_templates, time_outside_clock

Rule = Callable[[str, str], list[str]]

_MAIL = re.compile(r"^(smtplib|django\.core\.mail)\b")
_SENDERS = {"send_mail", "send_mass_mail", "mail_admins", "mail_managers", "email_user"}
_IMPORTERS = {"import_module", "import_string", "__import__"}


def mail_outside_delivery(path: str, text: str) -> list[str]:
    """Only `notifications/delivery.py` may import what sends mail, or reach it by way of something else."""
    if path == "taskforce/notifications/delivery.py":
        return []
    tree = parsed(text)
    found = [f"{path}:{line} imports {name}" for line, name in imports(tree) if _MAIL.match(name)]
    found += [f"{path}:{line} uses {name}" for line, name in uses(tree) if _MAIL.match(name) or last(name) in _SENDERS]
    found += [
        f"{path}:{node.lineno} imports by {name}"
        for node, name in calls(tree)
        if last(name) in _IMPORTERS and any(map(_MAIL.match, strings(node)))
    ]
    return found


_BROKER = {
    "delay", "delay_on_commit", "apply_async", "apply_async_on_commit", "send_task",
    "broker_connection", "connection_for_read", "connection_for_write", "default_producer", "producer_or_acquire",
    "producer_pool",
}  # fmt: skip


def broker_use(path: str, text: str) -> list[str]:
    """No `eta=`, no `countdown=`, no `.delay()` or the like, called or handed on: what is due is a row.

    Beat wakes the sweep; nothing else speaks to the broker.
    """
    tree = parsed(text)
    found = [f"{path}:{line} calls the broker by {name}" for line, name in uses(tree) if last(name) in _BROKER]
    for node in nodes(tree):
        if isinstance(node, ast.Call):
            late = {keyword.arg for keyword in node.keywords} & {"eta", "countdown"}
            found += [f"{path}:{node.lineno} uses {late}"] if late else []
    return found


# The health page reports Redis; tasks and the Celery app are the worker's side.
_REDIS = re.compile(
    r"^(redis|django_redis|kombu|amqp|valkey|celery|taskforce\.celery|django\.core\.cache\.backends\.redis)\b"
)
# Only takes an address apart, when the process starts.
_MAY_PARSE = ("taskforce/settings.py", "redis.connection.parse_url")
# Keeps public pages in Django's own cache, knows the errors of a Redis that is away, and lets every page be drawn
# without it.
_KEEPS_PAGES = "taskforce/core/pagecache.py"
_MAY_KEEP = {
    (_KEEPS_PAGES, f"django.core.cache.backends.redis.{name}") for name in ("RedisCache", "RedisCacheClient")
} | {(_KEEPS_PAGES, "redis.exceptions.RedisError")}
_MAY_KNOW_CELERY = re.compile(r"^taskforce/celery\.py$|(^|/)tasks\.py$")


def redis_in_requests(path: str, text: str) -> list[str]:
    """Nothing but the health page (which reports it) and what keeps public pages speaks to Redis, so no request can
    hang on the broker."""
    if path == "taskforce/portal/health.py":
        return []
    tree = parsed(text)
    pages = [
        f"{path}:{node.lineno} opens the cache of pages"
        for node in nodes(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == "pages"
        if last(ast.unparse(node.value)) == "caches"
        if path != _KEEPS_PAGES
    ]
    return pages + [
        f"{path}:{line} imports {name}"
        for line, name in imports(tree)
        if _REDIS.match(name)
        and (path, name) not in {_MAY_PARSE, *_MAY_KEEP}
        and not (name.startswith("celery.") and _MAY_KNOW_CELERY.search(path))
        and not (name.startswith("kombu.") and path == "taskforce/celery.py")
    ]


def own_signals(path: str, text: str) -> list[str]:
    """No signals of ours, nothing in `save()` or `delete()` of a model."""
    tree = parsed(text)
    found = [f"{path}:{line} imports {name}" for line, name in imports(tree) if "dispatch" in name or "signals" in name]
    if of_models(path):
        found += [
            f"{path}:{node.lineno} overrides {node.name}()"
            for node in nodes(tree)
            if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "full_clean"}
        ]
    return found


# Leaving by one click (RFC 8058): a mail program has no cookie that a token could be compared with.
_ONE_CLICK = "taskforce/timeline/views/one_click.py"


def without_csrf(path: str, text: str) -> list[str]:
    """Every POST but the one click of a mail program carries a token against forgery."""
    if path == _ONE_CLICK:
        return []
    tree = parsed(text)
    found = [f"{path}:{line} imports {name}" for line, name in imports(tree) if last(name) == "csrf_exempt"]
    return found + [
        f"{path}:{node.lineno} sets or calls csrf_exempt"
        for node in nodes(tree)
        if isinstance(node, ast.Attribute) and node.attr == "csrf_exempt"
    ]


_TRANSLATES = re.compile(r"^django\.utils\.translation\.(n|p|np)?gettext(_lazy|_noop)?$")


def text_in_a_text(path: str, text: str) -> list[str]:
    """Nothing is translated within an f-string: the catalogues' reader finds nothing there."""
    tree = parsed(text)
    within = {id(inner) for node in nodes(tree) if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)}
    return [
        f"{path}:{call.lineno} translates within an f-string"
        for call, name in calls(tree)
        if id(call) in within and _TRANSLATES.match(name)
    ]


# Django's own go the same way.
_NORMALIZING = {"unicodedata.normalize", "django.utils.text.Truncator", "django.utils.text.slugify"}


def normal_form_elsewhere(path: str, text: str) -> list[str]:
    """Only `core/normal.py` brings a text into a normal form: elsewhere marks without end would keep a process busy."""
    if path == "taskforce/core/normal.py":
        return []
    tree = parsed(text)
    found = [f"{path}:{line} imports {name}" for line, name in imports(tree) if name in _NORMALIZING]
    return found + [f"{path}:{line} uses {name}" for line, name in uses(tree) if name in _NORMALIZING]


def cut_in_a_template(path: str, text: str) -> list[str]:
    """No template cuts a text by characters: Django brings all of it into a normal form first."""
    return [f"{path} cuts by {found}" for found in re.findall(r"\|\s*(truncatechars\w*|slugify)\b", text)]


PYTHON_RULES: tuple[Rule, ...] = (
    status_outside_services,
    mail_outside_delivery,
    time_outside_clock,
    broker_use,
    redis_in_requests,
    own_signals,
    without_csrf,
    role_outside_rules,
    text_in_a_text,
    unescaped,
    second_renderer,
    html_by_hand,
    normal_form_elsewhere,
)
MIGRATION_RULES: tuple[Rule, ...] = (sql_time_outside_clock,)
TEMPLATE_RULES: tuple[Rule, ...] = (bad_blocktranslate, inline_code, unescaped, time_in_templates, cut_in_a_template)
