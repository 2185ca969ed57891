"""One counter per (what, key, window of time)."""

from django.db import models


class Counter(models.Model):
    """How often something happened in one window; the key is a keyed hash, never an address in clear."""

    what = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "key", "window_start"], name="one_counter")]

    def __str__(self) -> str:
        return f"{self.what} {self.count}"
