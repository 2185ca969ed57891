from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0004_several_choices"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackitem",
            name="read_language",
            field=models.CharField(blank=True, default="", max_length=10, verbose_name="language that was read"),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="read_percent",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="percent translated"),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="read_state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("original", "the original"),
                    ("current", "a translation that was up to date"),
                    ("outdated", "an outdated translation"),
                    ("missing", "not translated, or not all of it"),
                ],
                default="",
                max_length=10,
                verbose_name="what was read",
            ),
        ),
    ]
