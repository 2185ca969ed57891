import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("feedback", "0010_terms"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackitem",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="feedbackwindow",
            name="participation",
            field=models.CharField(
                choices=[("anybody", "Anybody, without an account"), ("account", "Whoever has an account")],
                default="anybody",
                max_length=10,
                verbose_name="who can take part",
            ),
        ),
    ]
