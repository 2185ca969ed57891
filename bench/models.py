"""What a bare form of Django stores: the tables are made for the measurement (`bench/posts.py`)."""

from django.conf import settings
from django.db import models


class Said(models.Model):
    """What somebody said, as somebody would store it who has just read Django's tutorial."""

    language = models.CharField(max_length=20, choices=[*settings.LANGUAGES, ("other", "Another language")])
    other_language = models.CharField(max_length=100, blank=True)
    visibility = models.CharField(
        max_length=20,
        choices=[("public", "Public"), ("nameless", "Public, without a name"), ("staff", "For the staff only")],
    )
    name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.name


class SaidAnswer(models.Model):
    """The answer to a question."""

    said = models.ForeignKey(Said, on_delete=models.CASCADE, related_name="answers")
    question = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.text


class Applied(models.Model):
    """What somebody applied with, as it came."""

    user_id = models.BigIntegerField(db_index=True)
    said = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return f"application {self.pk}"
