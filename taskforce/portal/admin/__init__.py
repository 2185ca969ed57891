"""What joins the apps on the staff side: the log, the outbox, people and their roles, requests for deletion."""

from taskforce.portal.admin.audit import EntryAdmin
from taskforce.portal.admin.deletions import DeletionRequestAdmin
from taskforce.portal.admin.holds import HoldAdmin, SuppressionAdmin
from taskforce.portal.admin.mailings import MailingAdmin
from taskforce.portal.admin.mails import OutboxMessageAdmin
from taskforce.portal.admin.people import InvitationAdmin, RoleGrantAdmin

__all__ = [
    "DeletionRequestAdmin",
    "EntryAdmin",
    "HoldAdmin",
    "InvitationAdmin",
    "MailingAdmin",
    "OutboxMessageAdmin",
    "RoleGrantAdmin",
    "SuppressionAdmin",
]
