"""Every house rule holds, and every rule can fail."""

import pytest
from django.apps import apps

from tests.architecture import rules


@pytest.mark.parametrize("rule", rules.PYTHON_RULES, ids=lambda rule: rule.__name__)
def test_python_follows(rule: rules.Rule) -> None:
    """Nothing in the code breaks the rule."""
    assert [found for path, text in rules.sources() for found in rule(path, text)] == []


@pytest.mark.parametrize("rule", rules.TEMPLATE_RULES, ids=lambda rule: rule.__name__)
def test_templates_follow(rule: rules.Rule) -> None:
    """Nothing in the templates breaks the rule."""
    assert [found for path, text in rules.templates() for found in rule(path, text)] == []


def test_migrations_ask_no_time() -> None:
    """No migration but the clock's own asks the server's time."""
    assert [found for path, text in rules.migrations() for found in rules.sql_time_outside_clock(path, text)] == []


def test_relations_point_down() -> None:
    """No foreign key, given as a string or not, points to the same floor or a higher one."""
    upward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and field.related_model
        and rules.points_up(model._meta.app_label, field.related_model._meta.app_label)
    ]
    assert upward == []


OFFENCES = [
    (rules.status_outside_services, "feedback/views.py", "item.state = 'hidden'"),
    (rules.status_outside_services, "feedback/admin.py", "queryset.update(state='hidden')"),
    (rules.status_outside_services, "feedback/views.py", "FeedbackItem.objects.create(state='published')"),
    (rules.status_outside_services, "feedback/views.py", "window.items.create(state='published')"),
    (rules.status_outside_services, "feedback/views.py", "FeedbackItem(state='published')"),
    (rules.status_outside_services, "recruitment/views.py", "models.Decision(outcome='accept')"),
    (
        rules.status_outside_services,
        "feedback/views.py",
        "from feedback.models import FeedbackItem as Row\nrow = Row(state='published')",
    ),
    (rules.status_outside_services, "feedback/views.py", "setattr(item, 'state', 'hidden')"),
    (
        rules.status_outside_services,
        "feedback/views.py",
        "FeedbackItem.objects.update_or_create(pk=1, defaults={'state': 'hidden'})",
    ),
    (rules.status_outside_services, "feedback/views.py", "items.update_or_create(pk=1, defaults=dict(state='hidden'))"),
    (rules.status_outside_services, "feedback/views.py", "items.update(**{'state': 'hidden'})"),
    (rules.status_outside_services, "feedback/views.py", "FeedbackItem.objects.bulk_update(items, ['state'])"),
    (rules.status_outside_services, "feedback/views.py", "a.state, b.x = 'hidden', 1"),
    (rules.mail_outside_delivery, "feedback/services.py", "from django.core import mail as post"),
    (rules.mail_outside_delivery, "taskforce/notifications/smtp.py", "import smtplib"),
    (rules.mail_outside_delivery, "feedback/services.py", "from django.core.mail import send_mail"),
    (rules.mail_outside_delivery, "feedback/services.py", "import smtplib"),
    (rules.time_outside_clock, "feedback/services.py", "x = timezone.now()"),
    (rules.time_outside_clock, "feedback/services.py", "x = datetime.now(tz=UTC)"),
    (rules.time_outside_clock, "feedback/services.py", "x = date.today()"),
    (rules.time_outside_clock, "feedback/models.py", "at = models.DateTimeField(default=timezone.now)"),
    (rules.time_outside_clock, "feedback/queries.py", "cursor.execute('SELECT * FROM a WHERE b < now()')"),
    (rules.time_outside_clock, "feedback/queries.py", "cursor.execute('SELECT clock_timestamp()')"),
    (rules.time_outside_clock, "feedback/queries.py", "cursor.execute(f'SELECT {x} FROM a WHERE b < LOCALTIMESTAMP')"),
    (rules.time_outside_clock, "feedback/queries.py", "moment = RawSQL('now()', [])"),
    (rules.sql_time_outside_clock, "feedback/migrations/0009_x.py", "RunSQL('UPDATE a SET b = current_timestamp')"),
    (rules.time_outside_clock, "feedback/services.py", "from django.utils.timezone import now; now()"),
    (rules.time_outside_clock, "feedback/services.py", "from django.utils import timezone as tz\nx = tz.now()"),
    (rules.time_outside_clock, "feedback/services.py", "from datetime import datetime as D\nx = D.now(tz=UTC)"),
    (rules.time_outside_clock, "feedback/services.py", "import datetime as dt\nx = dt.date.today()"),
    (rules.time_outside_clock, "feedback/services.py", "from time import time; time()"),
    (rules.time_outside_clock, "feedback/services.py", "time.time_ns()"),
    (rules.time_outside_clock, "feedback/services.py", "clock = time.monotonic"),
    (rules.time_outside_clock, "feedback/services.py", "timezone.localdate()"),
    (rules.time_outside_clock, "feedback/services.py", "timezone.localtime(timezone=UTC)"),
    (rules.time_outside_clock, "feedback/queries.py", "from django.db.models.functions import Now as N\nx = N()"),
    (rules.time_outside_clock, "feedback/models.py", "at = models.DateTimeField(auto_now=True)"),
    (rules.time_outside_clock, "taskforce/accounts/models.py", "at = models.DateTimeField(auto_now_add=True)"),
    (rules.time_outside_clock, "taskforce/portal/demo/clock.py", "x = timezone.now()"),
    (rules.broker_use, "feedback/services.py", "task.apply_async(eta=moment)"),
    (rules.broker_use, "feedback/services.py", "retry(countdown=30)"),
    (rules.broker_use, "feedback/views.py", "send.delay(1)"),
    (rules.redis_in_requests, "feedback/views.py", "import redis"),
    (rules.own_signals, "feedback/services.py", "from django.dispatch import receiver"),
    (rules.own_signals, "feedback/models.py", "class A:\n    def save(self):\n        pass"),
    (rules.unescaped, "feedback/views.py", "x = mark_safe(text)"),
    (rules.unescaped, "feedback/views.py", "from django.utils.safestring import mark_safe as x\ny = x(text)"),
    (rules.unescaped, "feedback/views.py", "from django.utils import safestring as s\ny = s.SafeString(text)"),
    (rules.unescaped, "feedback/views.py", "parts = map(mark_safe, texts)"),
    (rules.unescaped, "templates/a.html", "{{ text|safe }}"),
    (rules.unescaped, "templates/a.html", "{% autoescape  off %}"),
    (rules.untrimmed_blocktranslate, "templates/a.html", "{% blocktranslate %}a{% endblocktranslate %}"),
    (rules.inline_code, "templates/a.html", "<script>alert(1)</script>"),
    (rules.inline_code, "templates/a.html", "<p style='color: red'>"),
    (rules.inline_code, "templates/a.html", "<a onclick='x()'>"),
    (rules.inline_code, "templates/a.html", "<a onclick=x()>"),
    (rules.inline_code, "templates/a.html", "<a {% if x %}onclick=x(){% endif %}>"),
    (rules.inline_code, "templates/a.html", "<p\nstyle='color: red'>"),
    (rules.inline_code, "templates/a.html", "<script data-src=x>alert(1)</script>"),
    (rules.inline_code, "templates/a.html", "<style>p {}</style>"),
]


@pytest.mark.parametrize(
    ("rule", "path", "text"), OFFENCES, ids=[f"{r.__name__}-{i}" for i, (r, *_) in enumerate(OFFENCES)]
)
def test_every_rule_can_fail(rule: rules.Rule, path: str, text: str) -> None:
    """The failing twin: each rule finds its own offence."""
    assert rule(path, text)


NO_OFFENCES = [
    (rules.status_outside_services, "feedback/queries.py", "FeedbackItem.objects.filter(Q(state='held'), state='x')"),
    (rules.time_outside_clock, "feedback/services.py", "from datetime import time\nnoon = time(12)"),
    (rules.time_outside_clock, "feedback/services.py", "x = timezone.localtime(moment)"),
    (rules.time_outside_clock, "feedback/queries.py", "cursor.execute('SELECT app_now()')"),
    (rules.unescaped, "feedback/views.py", "def f(text: SafeString) -> SafeString:\n    return text"),
    (rules.inline_code, "templates/a.html", '{% include "b.html" with once=1 style="x" %}<p data-style="x">'),
]


@pytest.mark.parametrize(
    ("rule", "path", "text"), NO_OFFENCES, ids=[f"{r.__name__}-{i}" for i, (r, *_) in enumerate(NO_OFFENCES)]
)
def test_rules_let_good_code_pass(rule: rules.Rule, path: str, text: str) -> None:
    """What only looks like an offence is none."""
    assert rule(path, text) == []


def test_every_rule_has_an_offence() -> None:
    """No rule goes without a twin."""
    shown = {rule for rule, *_ in OFFENCES}
    assert shown == {*rules.PYTHON_RULES, *rules.TEMPLATE_RULES, rules.sql_time_outside_clock}


@pytest.mark.parametrize(
    ("label", "target", "upward"),
    [
        ("feedback", "proposals", False),
        ("proposals", "feedback", True),
        ("proposals", "recruitment", True),
        ("audit", "accounts", True),
        ("notifications", "timeline", True),
        ("timeline", "timeline", False),
    ],
)
def test_points_up(label: str, target: str, upward: bool) -> None:
    """The floors are those of the design, siblings included."""
    assert rules.points_up(label, target) is upward
