from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0004_verdicts"),
    ]

    operations = [
        migrations.AddField(
            model_name="verdict",
            name="is_main",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="verdict",
            name="text_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="verdict",
            name="titles",
            field=models.JSONField(default=dict),
        ),
    ]
