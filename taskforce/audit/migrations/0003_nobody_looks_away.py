import pgtrigger.migrations
from django.db import migrations

# Triggers of pgtrigger look away where a setting of the connection names them, and every statement may set that.
_STAYS = """
CREATE FUNCTION audit_entry_stays() RETURNS TRIGGER AS $$
BEGIN
    RAISE EXCEPTION 'the log of acts is not changed and not emptied' USING ERRCODE = '23514';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_stays();
CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays();
"""
_GOES = """
DROP TRIGGER audit_entry_append_only ON audit_entry;
DROP TRIGGER audit_entry_not_emptied ON audit_entry;
DROP FUNCTION audit_entry_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_looks_and_not_emptied"),
    ]

    operations = [
        migrations.RunSQL(_STAYS, _GOES),
        pgtrigger.migrations.RemoveTrigger(model_name="entry", name="append_only"),
        pgtrigger.migrations.RemoveTrigger(model_name="entry", name="not_emptied"),
    ]
