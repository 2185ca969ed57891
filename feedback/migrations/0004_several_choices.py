"""An answer holds the codes of all that was chosen; until now one was the most."""

import django.contrib.postgres.fields
from django.db import migrations, models

_TAKE_OVER = "UPDATE feedback_feedbackanswer SET choices = ARRAY[choice] WHERE choice <> ''"
_TAKE_BACK = "UPDATE feedback_feedbackanswer SET choice = choices[1] WHERE choices <> '{}'"


class Migration(migrations.Migration):
    dependencies = [("feedback", "0003_reading")]

    operations = [
        migrations.AddField(
            model_name="feedbackanswer",
            name="choices",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50), blank=True, default=list, size=None
            ),
        ),
        migrations.RunSQL(_TAKE_OVER, _TAKE_BACK),
        migrations.RemoveField(model_name="feedbackanswer", name="choice"),
    ]
