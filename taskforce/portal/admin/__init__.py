"""What joins the apps on the staff side: the log, the outbox, people and their roles, requests for deletion,
task forces with what says their former names.
"""

from taskforce.portal.admin.audit import EntryAdmin
from taskforce.portal.admin.deletions import DeletionRequestAdmin
from taskforce.portal.admin.holds import HoldAdmin, SuppressionAdmin
from taskforce.portal.admin.mailings import MailingAdmin
from taskforce.portal.admin.mails import OutboxMessageAdmin
from taskforce.portal.admin.people import InvitationAdmin, RoleGrantAdmin
from taskforce.portal.admin.task_forces import TaskForceWithWords

__all__ = [
    "DeletionRequestAdmin",
    "EntryAdmin",
    "HoldAdmin",
    "InvitationAdmin",
    "MailingAdmin",
    "OutboxMessageAdmin",
    "RoleGrantAdmin",
    "SuppressionAdmin",
    "TaskForceWithWords",
]
