import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0008_wordings"),
        ("proposals", "0010_with_their_revision"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedbackDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("browser_hash", models.CharField(max_length=64)),
                ("fields", models.JSONField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("kept_at", models.DateTimeField()),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="proposals.unit",
                    ),
                ),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="feedback.feedbackwindow",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("browser_hash", "window", "unit"),
                        name="one_draft_per_browser_and_place",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
