"""Audit: the append-only log of every change that matters."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "taskforce.audit"
    label = "audit"
