"""A source knows since when it was changed in minor ways only; a joined translation has several who wrote it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0007_passages"),
    ]

    operations = [
        migrations.AddField(model_name="unittext", name="minor_since", field=models.PositiveIntegerField(null=True)),
        migrations.AddField(
            model_name="unittext",
            name="co_author_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
    ]
