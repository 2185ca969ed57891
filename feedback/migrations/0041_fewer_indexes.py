import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# By which what begins with a word would be found: nobody looks for those so, and each was one more entry with every text.
TWINS = {
    "form_key": "feedback_feedbackitem_form_key_bc1ad91e_like",
    "token_hash": "feedback_feedbackitem_token_hash_5f5d96e8_like",
    "reference": "feedback_feedbackitem_reference_b88f9488_like",
}


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0040_joined_later"),
        ("proposals", "0011_unanswered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="feedbackanswer",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="feedback.feedbackitem",
            ),
        ),
        migrations.AlterField(
            model_name="feedbackitem",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="feedbackitem",
            name="entered_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AlterField(
            model_name="feedbackitem",
            name="revision",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="proposals.revision",
                verbose_name="revision",
            ),
        ),
        migrations.AlterField(
            model_name="feedbackitem",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="proposals.unit",
                verbose_name="paragraph",
            ),
        ),
        migrations.AlterField(
            model_name="feedbackitem",
            name="window",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="feedback.feedbackwindow",
                verbose_name="window",
            ),
        ),
        migrations.AddIndex(
            model_name="feedbackitem",
            index=models.Index(condition=models.Q(("unit__isnull", False)), fields=["unit"], name="feedback_unit"),
        ),
        migrations.AddIndex(
            model_name="feedbackitem",
            index=models.Index(
                condition=models.Q(("author__isnull", False)), fields=["author"], name="feedback_author"
            ),
        ),
        *(
            migrations.RunSQL(
                f"DROP INDEX IF EXISTS {name}",
                f"CREATE INDEX {name} ON feedback_feedbackitem ({column} varchar_pattern_ops)",
            )
            for column, name in TWINS.items()
        ),
    ]
