"""What a bare form of Django stores: the table is made for the measurement (`bench/posts.py`)."""

from django.db import models


class Said(models.Model):
    """One text, as somebody would store it who has just read Django's tutorial."""

    said = models.TextField(max_length=20_000)
    language = models.CharField(max_length=20)
    visibility = models.CharField(max_length=20, choices=[("public", "Public"), ("nameless", "Without a name")])
    name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.said
