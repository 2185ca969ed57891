"""People and the roles granted to them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from taskforce.accounts.enums import SPOKEN_ROLES, DeletionState, InvitationState, Role
from taskforce.accounts.rights import Grant
from taskforce.core import languages


def _one_language_or_none() -> models.Q:
    """Roles for a language name one of the portal's, others none."""
    is_spoken = models.Q(role__in=sorted(SPOKEN_ROLES))
    return models.Q(is_spoken, language__in=languages.CODES) | models.Q(~is_spoken, language="")


class UserManager(BaseUserManager["User"]):
    """Makes accounts known by their mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new account; the address is stored in lower case."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account that may what an administrator of all task forces may; for the operator's shell."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account: a mail address, a name to show, the language and zone they want mails in."""

    LONGEST_NAME: ClassVar[int] = 120
    LONGEST_ZONE: ClassVar[int] = 64

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name shown"), max_length=LONGEST_NAME, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    zone = models.CharField(_("time zone"), max_length=LONGEST_ZONE, default="UTC")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may enter the staff side"), default=False)
    date_joined = models.DateTimeField(auto_now_add=True)
    # How often the person has signed out everywhere: sessions that began before are over.
    sign_outs = models.PositiveIntegerField(default=0)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    def get_short_name(self) -> str:
        """How the admin greets a person."""
        return self.name

    def get_session_auth_hash(self) -> str:
        """What a session must know to go on: changes with the password and when the person signs out everywhere."""
        return self._of_now(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """As `get_session_auth_hash`, under the keys that are being replaced."""
        return map(self._of_now, super().get_session_auth_fallback_hash())

    def _of_now(self, session_hash: str) -> str:
        return f"{session_hash}.{self.sign_outs}" if self.sign_outs else session_hash

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class RoleGrant(models.Model):
    """One role of one person. `task_force_id` is a plain id (null: everywhere), `language` a code where the role is for
    one ("" otherwise), `granted_by_id` whose decision it was (null: the operator's).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    task_force_id = models.BigIntegerField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True)
    granted_by_id = models.BigIntegerField(null=True, blank=True)
    granted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("role of a person")
        verbose_name_plural = _("people and roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "task_force_id", "language"], name="one_grant", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
            models.CheckConstraint(condition=_one_language_or_none(), name="role_language"),
        ]

    def __str__(self) -> str:
        return f"{self.role} #{self.user_id}"


class Invitation(models.Model):
    """An invitation of a mailbox (lower case) to a role; plain ids as in `RoleGrant`.

    `expires_at` is the end of its link, `told_at` when the last mail about it was written.
    """

    mailbox = models.EmailField()
    role = models.CharField(max_length=20, choices=Role)
    task_force_id = models.BigIntegerField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True)
    mail_language = models.CharField(max_length=10)
    inviter_id = models.BigIntegerField()
    state = models.CharField(max_length=20, choices=InvitationState, default=InvitationState.OPEN)
    made_at = models.DateTimeField()
    told_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation to a role")
        verbose_name_plural = _("invitations to roles")
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "role", "task_force_id", "language"],
                condition=models.Q(state=InvitationState.OPEN),
                name="one_open_invitation",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invited_role_is_known"),
            models.CheckConstraint(condition=_one_language_or_none(), name="invited_role_language"),
            models.CheckConstraint(
                condition=models.Q(state=InvitationState.OPEN, answered_at__isnull=True)
                | models.Q(
                    state__in=[InvitationState.ACCEPTED, InvitationState.DECLINED, InvitationState.WITHDRAWN],
                    answered_at__isnull=False,
                ),
                name="answered_when",
            ),
        ]

    @property
    def wanted(self) -> Grant:
        """The role that it offers."""
        return Grant(self.role, self.task_force_id, self.language)

    def is_over(self, at: datetime) -> bool:
        """Whether its time is over at a moment of the portal's clock."""
        return self.expires_at <= at

    def __str__(self) -> str:
        return f"{self.role} #{self.pk}"


class DeletionRequest(models.Model):
    """Somebody asks that what is kept about them is deleted; a data officer answers, with a reason.

    `user` null: the account is gone. `mailbox` is where the answer goes, `language` and `zone` how, once there is no
    account to say so; these, and the `receipts` by which feedback is found that leads to nobody, are emptied with the
    answer. `reason` is the person's, if they gave one, `answer` the officer's, who is `officer_id` (a plain id).
    """

    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="deletion_requests")
    mailbox = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=10, blank=True)
    zone = models.CharField(max_length=User.LONGEST_ZONE, blank=True)
    state = models.CharField(max_length=10, choices=DeletionState, default=DeletionState.OPEN)
    reason = models.TextField(blank=True)
    receipts = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    officer_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("request for deletion")
        verbose_name_plural = _("requests for deletion")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state=DeletionState.OPEN), name="one_open_deletion_request"
            ),
            models.CheckConstraint(
                condition=models.Q(state=DeletionState.OPEN, ended_at__isnull=True)
                | (~models.Q(state=DeletionState.OPEN) & models.Q(ended_at__isnull=False)),
                name="deletion_ended_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[DeletionState.DONE, DeletionState.PARTLY, DeletionState.REFUSED])
                | (models.Q(officer_id__isnull=False) & models.Q(answer__regex=r"\S")),
                name="deletion_answered_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"deletion request {self.pk}"
