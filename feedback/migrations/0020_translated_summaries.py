from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0019_reports"),
    ]

    operations = [
        migrations.AddField(
            model_name="summary",
            name="reviewed",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="summarydraft",
            name="hands",
            field=models.JSONField(default=dict),
        ),
    ]
