"""The only writers of texts and their revisions."""

from proposals.services.imports import AlreadyImported, Imported, import_page
from proposals.services.texts import create, publish, save_translation, save_translations

__all__ = [
    "AlreadyImported",
    "Imported",
    "create",
    "import_page",
    "publish",
    "save_translation",
    "save_translations",
]
