"""The only writers of texts and their revisions."""

from proposals.services import drafts
from proposals.services.imports import AlreadyImported, Imported, import_page
from proposals.services.publishing import publish_draft
from proposals.services.texts import create, publish, save_translation, save_translations

__all__ = [
    "AlreadyImported",
    "Imported",
    "create",
    "drafts",
    "import_page",
    "publish",
    "publish_draft",
    "save_translation",
    "save_translations",
]
