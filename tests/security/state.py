"""What the database says, table by table, so that two moments can be compared."""

from django.db import connection

# What reading may write: who is signed in and until when, small flags with an end, how often somebody came.
MAY_CHANGE = {
    "django_session": "a session is read, and begun for a form that needs one",
    "cache_default": "flags with an end: allauth's counters, when the sweep last came to its end",
    "limits_counter": "counters of limits",
}
# Who looked at whose personal data: a row for each look, which is the point of it.
READ_EVENTS = "NOT is_read"
_TABLE = (
    "SELECT '{0}', count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM \"{0}\" t{1}"
)


def state() -> dict[str, tuple[int, str]]:
    """{table: (rows, a digest of all of them)} for every table but those in `MAY_CHANGE`."""
    with connection.cursor() as cursor:
        names = sorted(set(connection.introspection.table_names(cursor)) - set(MAY_CHANGE))
        asked = (_TABLE.format(name, f" WHERE {READ_EVENTS}" if name == "audit_entry" else "") for name in names)
        cursor.execute(" UNION ALL ".join(asked), [])
        return {name: (rows, digest) for name, rows, digest in cursor.fetchall()}


def changes(before: dict[str, tuple[int, str]]) -> list[str]:
    """The tables that are not as they were."""
    now = state()
    return [f"{name}: {before.get(name)} → {now.get(name)}" for name in now if now[name] != before.get(name)]
