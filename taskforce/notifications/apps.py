"""Notifications: what must be sent is a row; the broker may lose everything and nothing is lost."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "taskforce.notifications"
    label = "notifications"
