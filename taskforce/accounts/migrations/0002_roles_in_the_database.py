"""The database knows the nine roles, which of them are for one language, and who gave each when."""

from django.db import migrations, models

LANGUAGES = ("en", "ar", "de", "es", "fr", "hi", "id", "ja", "pt-br", "ru", "zh-hans", "zh-hant")

# Roles that stood there before: when they were given is in the log, else no later than the account is old; a role for
# one language that named none held for each.
TAKEN_OVER = """
UPDATE accounts_rolegrant AS held SET granted_at = coalesce(
    (SELECT max(at) FROM audit_entry
     WHERE action = 'role.granted' AND target_type = 'accounts.user' AND target_id = held.user_id
       AND details->>'role' = held.role),
    (SELECT date_joined FROM accounts_user WHERE id = held.user_id));
INSERT INTO accounts_rolegrant (user_id, role, task_force_id, language, granted_at)
SELECT user_id, role, task_force_id, code, granted_at
FROM accounts_rolegrant
CROSS JOIN unnest(string_to_array('en ar de es fr hi id ja pt-br ru zh-hans zh-hant', ' ')) AS code
WHERE role IN ('facilitator', 'translator') AND language = ''
ON CONFLICT DO NOTHING;
DELETE FROM accounts_rolegrant WHERE role IN ('facilitator', 'translator') AND language = '';
INSERT INTO accounts_rolegrant (user_id, role, task_force_id, language, granted_at)
SELECT user_id, role, task_force_id, '', granted_at
FROM accounts_rolegrant
WHERE role NOT IN ('facilitator', 'translator') AND language <> ''
ON CONFLICT DO NOTHING;
DELETE FROM accounts_rolegrant WHERE role NOT IN ('facilitator', 'translator') AND language <> '';
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="rolegrant",
            name="granted_by_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="granted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(TAKEN_OVER, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="rolegrant",
            name="granted_at",
            field=models.DateTimeField(),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "coordinator",
                            "deputy",
                            "reviewer",
                            "translator",
                            "facilitator",
                            "moderator",
                            "data-officer",
                            "observer",
                            "administrator",
                        ],
                    )
                ),
                name="role_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("role__in", ["facilitator", "translator"])), ("language__in", LANGUAGES)),
                    models.Q(
                        models.Q(("role__in", ["facilitator", "translator"]), _negated=True),
                        ("language", ""),
                    ),
                    _connector="OR",
                ),
                name="role_language",
            ),
        ),
    ]
