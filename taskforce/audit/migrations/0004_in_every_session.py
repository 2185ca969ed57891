from django.db import migrations

# Triggers that are merely enabled sleep in a session whose `session_replication_role` is `replica`.
_ALWAYS = """
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_append_only;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_not_emptied;
"""
_AS_USUAL = """
ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_append_only;
ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_not_emptied;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_nobody_looks_away"),
    ]

    operations = [
        migrations.RunSQL(_ALWAYS, _AS_USUAL),
    ]
