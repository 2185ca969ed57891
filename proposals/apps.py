"""Proposals: texts with a memory, in many languages."""

from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "proposals"
