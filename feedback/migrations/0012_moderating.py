import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RULES = [
    ("off-topic", "It is not about the text or its questions"),
    ("attack", "It attacks a person or a group"),
    ("private", "It tells private things about somebody"),
    ("advertising", "It advertises something"),
    ("machine", "It was made by a machine"),
    ("illegal", "It is against the law"),
    ("other", "It breaks another rule"),
]


def name_a_rule(apps, schema_editor):
    """What was hidden before rules were named broke some rule; the reason says which."""
    apps.get_model("feedback", "FeedbackItem").objects.filter(state="hidden").update(rule="other")


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("feedback", "0011_participation"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackitem",
            name="moderator",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="rule",
            field=models.CharField(
                blank=True, choices=RULES, default="", max_length=12, verbose_name="rule that was broken"
            ),
        ),
        migrations.RunPython(name_a_rule, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="feedbackitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("rule__in", [code for code, _label in RULES]), ("state", "hidden"))
                | (~models.Q(("state", "hidden")) & models.Q(("rule", ""))),
                name="hidden_for_a_rule",
            ),
        ),
        migrations.CreateModel(
            name="FeedbackAppeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField(blank=True)),
                ("made_at", models.DateTimeField()),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("off-topic", "It is not about the text or its questions"),
                            ("attack", "It attacks a person or a group"),
                            ("private", "It tells private things about somebody"),
                            ("advertising", "It advertises something"),
                            ("machine", "It was made by a machine"),
                            ("illegal", "It is against the law"),
                            ("other", "It breaks another rule"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("upheld", "It stays hidden"),
                            ("put-back", "It is published again"),
                            ("withdrawn", "Its author has withdrawn it"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "hidden_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="feedback.feedbackitem"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("hidden_by")), _negated=True),
                        name="appeal_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("outcome", ""), ("reason", "")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("outcome__in", ["upheld", "put-back"]),
                            ),
                            models.Q(("decided_at__isnull", False), ("decided_by", None), ("outcome", "withdrawn")),
                            _connector="OR",
                        ),
                        name="appeal_decided_wholly",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="feedbackwindow",
            name="is_read_first",
            field=models.BooleanField(default=False, verbose_name="each text is read before it appears"),
        ),
    ]
