import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def name_a_rule(apps, schema_editor):
    """What was hidden before rules were named broke some rule; the reason says which."""
    apps.get_model("feedback", "FeedbackReply").objects.filter(state="hidden").update(rule="other")


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0020_translated_summaries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackappeal",
            name="reply",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeal",
                to="feedback.feedbackreply",
            ),
        ),
        migrations.AddField(
            model_name="feedbackreply",
            name="moderator",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="feedbackreply",
            name="rule",
            field=models.CharField(
                blank=True,
                choices=[
                    ("off-topic", "It is not about the text or its questions"),
                    ("attack", "It attacks a person or a group"),
                    ("private", "It tells private things about somebody"),
                    ("advertising", "It advertises something"),
                    ("machine", "It was made by a machine"),
                    ("illegal", "It is against the law"),
                    ("other", "It breaks another rule"),
                ],
                default="",
                max_length=12,
                verbose_name="rule that was broken",
            ),
        ),
        migrations.RunPython(name_a_rule, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="feedbackappeal",
            name="item",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeal",
                to="feedback.feedbackitem",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbackappeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("item__isnull", True), ("reply__isnull", False)),
                    models.Q(("item__isnull", False), ("reply__isnull", True)),
                    _connector="OR",
                ),
                name="appeal_for_an_item_or_a_reply",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbackreply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("rule__in", ["off-topic", "attack", "private", "advertising", "machine", "illegal", "other"]),
                        ("state", "hidden"),
                    ),
                    models.Q(models.Q(("state", "hidden"), _negated=True), ("rule", "")),
                    _connector="OR",
                ),
                name="reply_hidden_for_a_rule",
            ),
        ),
    ]
