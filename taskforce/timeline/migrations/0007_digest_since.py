from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0006_departures_and_readers"),
    ]

    operations = [
        migrations.AddField(
            model_name="digestmark",
            name="since",
            field=models.DateTimeField(null=True),
        ),
    ]
