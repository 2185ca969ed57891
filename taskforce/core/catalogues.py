"""Catalogues that may be damaged: one language then shows the source text, and every page still stands.

What `deploy/catalogues.py` compiles has no fault. A file that broke on its disk, or was made by something else, may
have any: then the whole file, or a single text of it, counts as not translated.
"""

import gettext
import logging
import re
from functools import lru_cache

from django.utils.translation import trans_real

logger = logging.getLogger(__name__)

# As in deploy/catalogues.py: places for values, and markup; a single % or brace would be an error where it is filled.
_MARKS = re.compile(r"%\(\w+\)[-#0 +]*[\d.]*[a-zA-Z]|%[sd]|%|\{[^{}]*\}|[{}]|<[^>]*>?")
_MOST = 20_000


class Catalogue(trans_real.DjangoTranslation):
    """One language, as Django puts it together."""

    def _new_gnu_trans(self, localedir: str, use_null_fallback: bool = True) -> gettext.NullTranslations:
        """One file; none where it cannot be read."""
        try:
            found: gettext.NullTranslations = super()._new_gnu_trans(localedir, use_null_fallback)  # type: ignore[misc]  # typed without it
        except Exception:
            # Whatever stands in the file, or in its header: gettext raises nearly everything.
            logger.exception("a catalogue cannot be read: %s in %s", self.language(), localedir)
            return gettext.NullTranslations()
        return found

    def gettext(self, message: str) -> str:
        """The translation, or the source text."""
        told: str = super().gettext(message)
        return told if told is message or is_sound(told, message) else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form for a number, or the source text's."""
        told: str = super().ngettext(msgid1, msgid2, n)
        if told in (msgid1, msgid2) or is_sound(told, msgid1, msgid2):
            return told
        return msgid1 if n == 1 else msgid2


@lru_cache(_MOST)
def is_sound(told: str, *sources: str) -> bool:
    """Whether a translation has no place for a value, and no markup, but those of its source text."""
    if _marks(told) <= _marks(*sources):
        return True
    logger.error("a translation has a fault and is not shown: %r", sources[0])
    return False


def _marks(*texts: str) -> set[str]:
    return {mark for text in texts for mark in _MARKS.findall(text.replace("%%", ""))}


def install() -> None:
    """Let Django read every catalogue so; before the first one is read."""
    trans_real.DjangoTranslation = Catalogue  # type: ignore[misc]  # typed as a name that never changes
