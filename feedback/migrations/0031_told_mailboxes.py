import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0030_own_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="ToldMailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed", models.TextField()),
                ("language", models.CharField(max_length=10)),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="told", to="feedback.feedbackitem"
                    ),
                ),
            ],
        ),
    ]
