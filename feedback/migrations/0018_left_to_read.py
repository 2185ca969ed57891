from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0017_final_calls"),
    ]

    operations = [
        migrations.AddField(
            model_name="finalcall",
            name="readable",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
