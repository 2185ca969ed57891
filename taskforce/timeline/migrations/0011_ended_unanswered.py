from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0010_unanswered"),
    ]

    operations = [
        migrations.AddField(
            model_name="taskforce",
            name="unanswered",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
