"""The table of the default cache, so that no command beside `migrate` is needed (columns as Django's DatabaseCache)."""

from django.db import migrations

CREATE = """
CREATE TABLE IF NOT EXISTS cache_default (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS cache_default_expires ON cache_default (expires)
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_clock")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE cache_default")]
