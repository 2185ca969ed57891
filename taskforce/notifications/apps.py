"""Notifications: what must be sent is a row; the broker may lose everything and nothing is lost."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "taskforce.notifications"
    label = "notifications"
    verbose_name = _("Mail")
