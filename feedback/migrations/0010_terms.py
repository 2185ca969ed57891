from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0009_drafts"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackitem",
            name="terms",
            field=models.CharField(blank=True, default="", max_length=10, verbose_name="terms"),
        ),
    ]
