"""Addresses as they stand in mails: whole, and in the reader's language."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation


def absolute(name: str, language: str, **kwargs: Any) -> str:
    """The full address of a page in a language."""
    with translation.override(language):
        return settings.SITE_URL + reverse(name, kwargs=kwargs)
