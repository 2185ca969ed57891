"""One counter for each limit and whom it counts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Counter(models.Model):
    """When somebody did something (UTC), as far back as its limit looks; the key is a keyed hash, never an address.

    From `until` on none of it counts any more, and the row is of no use.
    """

    what = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    hits = ArrayField(models.DateTimeField(), default=list)
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "key"], name="one_counter")]

    def __str__(self) -> str:
        return f"{self.what} {len(self.hits)}"
