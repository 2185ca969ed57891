from django.db import migrations, models

# What has ended already did so by its last decision, or when nobody knows any more.
_SINCE = """
UPDATE timeline_taskforce AS task_force SET ended_at = COALESCE(
    (SELECT max(verdict.at) FROM timeline_verdict AS verdict JOIN timeline_phase AS phase ON phase.id = verdict.phase_id
        WHERE phase.task_force_id = task_force.id),
    app_now()
)
WHERE state IN ('ended', 'cancelled')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_clock"),
        ("timeline", "0005_verdicts_on_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="taskforce",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(_SINCE, migrations.RunSQL.noop),
    ]
