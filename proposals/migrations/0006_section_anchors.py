"""Sections keep the position by which links know them that were given out until now."""

from django.db import migrations, models

KEEP = "UPDATE proposals_section SET was_at = position"


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0005_lives"),
    ]

    operations = [
        migrations.AddField(model_name="section", name="was_at", field=models.PositiveIntegerField(null=True)),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
