import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# What waits already is compared from now on, too.
MARKS = """
UPDATE feedback_feedbackunconfirmed SET fingerprint = ARRAY(
    SELECT mark::bigint FROM jsonb_array_elements_text(said -> 'fingerprint') AS mark
) WHERE jsonb_typeof(said -> 'fingerprint') = 'array'
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0037_agreed_as_it_stands")]
    operations = [
        migrations.AddField(
            model_name="feedbackitem",
            name="confirmed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="feedbackunconfirmed",
            name="fingerprint",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, size=None
            ),
        ),
        migrations.RunSQL(MARKS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="feedbackunconfirmed",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["fingerprint"], name="feedback_waiting_fingerprint"
            ),
        ),
    ]
