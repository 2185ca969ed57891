from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

FILL = """
UPDATE feedback_feedbackitem AS item SET answered = given.questions
FROM (
    SELECT item_id, array_agg(question_id ORDER BY question_id) AS questions
    FROM feedback_feedbackanswer GROUP BY item_id
) AS given
WHERE given.item_id = item.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0005_what_was_read"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackitem",
            name="answered",
            field=ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None),
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
                include=("language", "channel", "unit", "answered"),
                name="feedback_readable",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
