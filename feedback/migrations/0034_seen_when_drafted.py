from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0033_standing"),
    ]

    operations = [
        migrations.AddField(
            model_name="disposition",
            name="seen",
            field=models.JSONField(default=dict),
        ),
    ]
