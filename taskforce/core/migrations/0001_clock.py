"""The SQL side of the portal's clock. Only the demo's set-up replaces it by one with an offset."""

from django.db import migrations

CREATE = """
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz
LANGUAGE sql STABLE AS 'SELECT clock_timestamp()'
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION app_now()")]
