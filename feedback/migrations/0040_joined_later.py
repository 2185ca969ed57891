import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0039_folded_by_another_table"),
    ]

    operations = [
        migrations.AddField(
            model_name="themeditem",
            name="waits",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="disposition",
            name="joins",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined",
                to="feedback.theme",
            ),
        ),
    ]
