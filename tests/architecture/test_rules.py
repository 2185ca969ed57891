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
    (rules.mail_outside_delivery, "feedback/services.py", "from django.core.mail import send_mail"),
    (rules.mail_outside_delivery, "feedback/services.py", "import smtplib"),
    (rules.time_outside_clock, "feedback/services.py", "x = timezone.now()"),
    (rules.time_outside_clock, "feedback/services.py", "x = datetime.now(tz=UTC)"),
    (rules.time_outside_clock, "feedback/services.py", "x = date.today()"),
    (rules.time_outside_clock, "feedback/models.py", "at = models.DateTimeField(default=timezone.now)"),
    (rules.time_outside_clock, "feedback/queries.py", "cursor.execute('SELECT * FROM a WHERE b < now()')"),
    (rules.broker_use, "feedback/services.py", "task.apply_async(eta=moment)"),
    (rules.broker_use, "feedback/services.py", "retry(countdown=30)"),
    (rules.broker_use, "feedback/views.py", "send.delay(1)"),
    (rules.redis_in_requests, "feedback/views.py", "import redis"),
    (rules.own_signals, "feedback/services.py", "from django.dispatch import receiver"),
    (rules.own_signals, "feedback/models.py", "class A:\n    def save(self):\n        pass"),
    (rules.unescaped, "feedback/views.py", "x = mark_safe(text)"),
    (rules.unescaped, "templates/a.html", "{{ text|safe }}"),
    (rules.untrimmed_blocktranslate, "templates/a.html", "{% blocktranslate %}a{% endblocktranslate %}"),
    (rules.inline_code, "templates/a.html", "<script>alert(1)</script>"),
    (rules.inline_code, "templates/a.html", "<p style='color: red'>"),
    (rules.inline_code, "templates/a.html", "<a onclick='x()'>"),
    (rules.inline_code, "templates/a.html", "<style>p {}</style>"),
]


@pytest.mark.parametrize(
    ("rule", "path", "text"), OFFENCES, ids=[f"{r.__name__}-{i}" for i, (r, *_) in enumerate(OFFENCES)]
)
def test_every_rule_can_fail(rule: rules.Rule, path: str, text: str) -> None:
    """The failing twin: each rule finds its own offence."""
    assert rule(path, text)


def test_every_rule_has_an_offence() -> None:
    """No rule goes without a twin."""
    shown = {rule for rule, *_ in OFFENCES}
    assert shown == {*rules.PYTHON_RULES, *rules.TEMPLATE_RULES}


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
