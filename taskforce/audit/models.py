"""One table, append-only in the database: triggers refuse UPDATE, DELETE and TRUNCATE from any door.

They stand in the migration (`0001_initial`), for pgtrigger's own look away where the connection is told to; and they
are ENABLE ALWAYS, for others sleep where `session_replication_role` is `replica`.
Only the owner of the table can lift these; `docs/operation.md` has the portal run as somebody else.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """Who did what to what, when, and why. Plain ids only: the log outlives what it tells of.

    `is_read`: nothing was changed, somebody of the staff has looked at personal data.
    """

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80)
    task_force_id = models.BigIntegerField(null=True)
    target_type = models.CharField(max_length=80)
    target_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    is_read = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("entry of the log")
        verbose_name_plural = _("audit log")
        # The page that searches it goes backwards from the newest, so each ends with the id.
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_by_target"),
            models.Index(fields=["task_force_id", "-id"], name="audit_by_task_force"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"
