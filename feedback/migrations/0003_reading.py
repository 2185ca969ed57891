from typing import Any

from django.db import migrations, models

from feedback import search


def fill(apps: Any, editor: Any) -> None:
    """What stands can be found, and is known. What was hidden before its reason was for everybody stays away."""
    items = apps.get_model("feedback", "FeedbackItem").objects
    slight = models.Q(state="held", suspicion__in=["both", "fast", "repeated"])
    items.filter(models.Q(state="published") | slight).update(was_public=True)
    texts = apps.get_model("feedback", "FeedbackAnswer").objects.order_by("question__position")
    read = items.filter(visibility__in=["nameless", "public"]).exclude(state="withdrawn")
    for pk in list(read.values_list("pk", flat=True)):
        said = search.text_of(texts.filter(item=pk).values_list("text", flat=True))
        items.filter(pk=pk).update(search_text=said)


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0002_paragraphs"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackitem",
            name="search_text",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="feedbackitem",
            name="was_public",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="feedbackitem",
            index=models.Index(
                models.F("window"),
                models.OrderBy(
                    models.Func(
                        "received_at",
                        output_field=models.DateField(),
                        template="((%(expressions)s AT TIME ZONE 'UTC')::date)",
                    ),
                    descending=True,
                ),
                models.F("reference"),
                condition=models.Q(("state", "published"), ("visibility__in", ["nameless", "public"])),
                include=("language", "channel", "unit"),
                name="feedback_readable",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
