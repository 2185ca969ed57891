"""What the tests of the log share."""

from collections.abc import Callable

import pytest
from django.db import connection


@pytest.fixture
def look_away() -> Callable[[], None]:
    """Tells every trigger on the log to look away: by the setting that any statement may give, and by a superuser's."""

    def tell() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger "
                "WHERE tgrelid = 'audit_entry'::regclass AND NOT tgisinternal"
            )
            cursor.execute("SET LOCAL session_replication_role = replica")

    return tell
