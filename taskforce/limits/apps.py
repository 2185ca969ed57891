"""Limits: atomic counters against abuse."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "taskforce.limits"
    label = "limits"
