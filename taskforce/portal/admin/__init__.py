"""What joins the apps on the staff side: the outbox, where each mail is seen and put right; people and their roles."""

from taskforce.portal.admin.holds import HoldAdmin, SuppressionAdmin
from taskforce.portal.admin.mailings import MailingAdmin
from taskforce.portal.admin.mails import OutboxMessageAdmin
from taskforce.portal.admin.people import InvitationAdmin, RoleGrantAdmin

__all__ = [
    "HoldAdmin",
    "InvitationAdmin",
    "MailingAdmin",
    "OutboxMessageAdmin",
    "RoleGrantAdmin",
    "SuppressionAdmin",
]
