import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("announcements", "0002_second_person"),
    ]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="corrects",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="announcements.announcement",
            ),
        ),
    ]
