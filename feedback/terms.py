"""On which terms something is said: the sentence above the button of the form, to which whoever presses it agrees.

No field of the form asks for it, so that a program which sends the fields of a form need not know of it; each item
keeps the version that stood above its button.
"""

from taskforce.core import languages

# To be counted on with each change of what the sentence in `templates/feedback/form.html` means.
CURRENT = "1"
# What public texts are published under: its short name, and the one by which programs know it (SPDX).
LICENCE, LICENCE_CODE = "CC BY-SA 4.0", "CC-BY-SA-4.0"
_DEED = "https://creativecommons.org/licenses/by-sa/4.0/deed"


def licence_url(language: str) -> str:
    """Where the licence is summed up in a language of the portal."""
    return f"{_DEED}.{language if language in languages.CODES else 'en'}"
