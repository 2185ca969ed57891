"""A translation knows who has confirmed the words of others for a source that had changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0008_minor_sources_and_writers"),
    ]

    operations = [
        migrations.AddField(model_name="unittext", name="confirmer_id", field=models.BigIntegerField(null=True)),
    ]
