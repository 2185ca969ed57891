"""The only writers of texts and their revisions."""

from proposals.services import buttons, drafts, keeping, lives
from proposals.services.goals import Wanted, drop_goal, set_goal
from proposals.services.imports import AlreadyImported, Imported, import_page
from proposals.services.keeping import KeptElsewhere
from proposals.services.publishing import publish_draft
from proposals.services.reviewing import review
from proposals.services.telling import source_versions, tell_translators
from proposals.services.texts import LongSummary, create, publish, save_translation, save_translations
from proposals.services.translating import Overtaken, translate
from proposals.services.typed import Gone, Typed

__all__ = [
    "AlreadyImported",
    "Gone",
    "Imported",
    "KeptElsewhere",
    "LongSummary",
    "Overtaken",
    "Typed",
    "Wanted",
    "buttons",
    "create",
    "drafts",
    "drop_goal",
    "import_page",
    "keeping",
    "lives",
    "publish",
    "publish_draft",
    "review",
    "save_translation",
    "save_translations",
    "set_goal",
    "source_versions",
    "tell_translators",
    "translate",
]
