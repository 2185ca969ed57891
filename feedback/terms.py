"""On which terms something is said: the sentence above the button of the form, to which whoever presses it agrees,
and what its window says besides.

No field of the form asks for it, so that a program which sends the fields of a form need not know of it; each item
keeps the version that stood above its button. The sentence on the licence stands everywhere: what open data say of a
public text must be true of each. What a window adds is a part of the version by its content, in all its languages:
windows do not change, so the text of a version is still to be read there, and a word that is corrected in it makes
another version.
"""

import hashlib
from collections.abc import Iterable

from modeltranslation.utils import build_localized_fieldname

from taskforce.core import languages

# To be counted on with each change of what the sentence in `templates/feedback/form.html` means.
CURRENT = "1"
# What public texts are published under: its short name, and the one by which programs know it (SPDX).
LICENCE, LICENCE_CODE = "CC BY-SA 4.0", "CC-BY-SA-4.0"
_DEED = "https://creativecommons.org/licenses/by-sa/4.0/deed"
# As much of the digest as a version has room for.
_DIGITS = 8
# The columns of a window that say them, in the order in which they are digested.
COLUMNS = tuple(build_localized_fieldname("terms", code) for code in languages.CODES)
# The texts of a window `feedback`, for whoever writes a statement out.
TEXTS_SQL = f"ARRAY[{', '.join(f'feedback.{column}' for column in COLUMNS)}]"


def licence_url(language: str) -> str:
    """Where the licence is summed up in a language of the portal."""
    return f"{_DEED}.{language if language in languages.CODES else 'en'}"


def version(own: Iterable[str | None]) -> str:
    """The version that stands above the button of a window whose own terms are these, in the order of the languages."""
    texts = [text or "" for text in own]
    if not any(texts):
        return CURRENT
    said = hashlib.sha256("\x1f".join(texts).encode()).hexdigest()
    return f"{CURRENT}-{said[:_DIGITS]}"
