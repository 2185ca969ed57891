import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0006_answered"),
        ("proposals", "0010_with_their_revision"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form_key", models.CharField(max_length=64, unique=True)),
                ("fields_digest", models.CharField(max_length=64)),
                ("shown_at", models.DateTimeField()),
                ("pasted_at", models.DateTimeField()),
                (
                    "names",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(blank=True, max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("fallbacks", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="SheetLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "cells",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("told", models.JSONField(null=True)),
                (
                    "fault",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wrong", "something in it is wrong"),
                            ("refused", "when its turn came, it could not be entered any more"),
                            ("failed", "it failed by our own fault"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="entered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="place_url",
            field=models.CharField(blank=True, default="", max_length=500, verbose_name="where it is to be read"),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="said_on",
            field=models.DateField(null=True, verbose_name="said on"),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="spoke",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="who spoke"),
        ),
        migrations.AddIndex(
            model_name="feedbackitem",
            index=models.Index(
                condition=models.Q(("entered_by__isnull", False)),
                fields=["entered_by", "window", "-id"],
                name="feedback_entered",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbackitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "web"), _negated=True),
                    models.Q(("entered_by", None), ("place_url", ""), ("said_on", None), ("spoke", "")),
                    _connector="OR",
                ),
                name="only_elsewhere_is_entered",
            ),
        ),
        migrations.AddField(
            model_name="sheet",
            name="pasted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sheet",
            name="window",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="feedback.feedbackwindow"
            ),
        ),
        migrations.AddField(
            model_name="sheetline",
            name="item",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="feedback.feedbackitem"
            ),
        ),
        migrations.AddField(
            model_name="sheetline",
            name="sheet",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="feedback.sheet"
            ),
        ),
        migrations.AddIndex(
            model_name="sheet",
            index=models.Index(fields=["pasted_by", "window", "-id"], name="feedback_sheets"),
        ),
        migrations.AddIndex(
            model_name="sheetline",
            index=models.Index(
                condition=models.Q(("fault", ""), ("item", None)),
                fields=["sheet", "number"],
                name="feedback_lines_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="sheetline",
            constraint=models.UniqueConstraint(fields=("sheet", "number"), name="one_line_per_number"),
        ),
    ]
