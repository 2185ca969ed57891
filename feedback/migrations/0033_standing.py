import django.db.models.deletion
from django.db import migrations, models

# The answer that holds for each item: its own before that of its theme.
FILL = """
UPDATE feedback_feedbackitem AS item
SET standing_id = answer.id, became = answer.outcome, became_in = revision.number
FROM feedback_feedbackitem AS one
LEFT JOIN feedback_themeditem AS themed ON themed.item_id = one.id
LEFT JOIN feedback_disposition AS own ON own.item_id = one.id AND own.stands
LEFT JOIN feedback_disposition AS shared ON shared.theme_id = themed.theme_id AND shared.stands
JOIN feedback_disposition AS answer ON answer.id = COALESCE(own.id, shared.id)
LEFT JOIN proposals_revision AS revision ON revision.id = answer.revision_id
WHERE item.id = one.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0032_near_by_index"),
        ("proposals", "0010_with_their_revision"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackitem",
            name="standing",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="feedback.disposition",
            ),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="became",
            field=models.CharField(blank=True, default="", max_length=12),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="became_in",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="feedbackitem",
            index=models.Index(
                condition=models.Q(("standing__isnull", False)), fields=["standing"], name="feedback_standing"
            ),
        ),
        migrations.RemoveIndex(
            model_name="feedbackitem",
            name="feedback_readable",
        ),
        migrations.AddIndex(
            model_name="feedbackitem",
            index=models.Index(
                models.F("window"),
                models.OrderBy(
                    models.Func(
                        "received_at",
                        output_field=models.DateField(),
                        template="((%(expressions)s AT TIME ZONE 'UTC')::date)",
                    ),
                    descending=True,
                ),
                models.F("reference"),
                condition=models.Q(("state", "published"), ("visibility__in", ["nameless", "public"])),
                include=("id", "language", "channel", "unit", "answered", "became", "became_in"),
                name="feedback_readable",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
