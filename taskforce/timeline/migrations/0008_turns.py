from django.db import migrations, models

# How often a task force has ended or was taken up again stands in the log; what has ended did so once at least.
_COUNTED = """
UPDATE timeline_taskforce AS task_force SET turns = logged.turns, turned_at = GREATEST(logged.last, ended_at)
FROM (
    SELECT task_force_id, count(*) AS turns, max(at) AS last FROM audit_entry
    WHERE action IN ('task-force.end', 'task-force.cancel', 'task-force.resume') GROUP BY task_force_id
) AS logged
WHERE logged.task_force_id = task_force.id
"""
_ONCE = "UPDATE timeline_taskforce SET turns = 1, turned_at = ended_at WHERE ended_at IS NOT NULL AND turns = 0"


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("timeline", "0007_ended_says_when"),
    ]

    operations = [
        migrations.AddField(
            model_name="taskforce",
            name="turns",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="taskforce",
            name="turned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL([_COUNTED, _ONCE], migrations.RunSQL.noop),
    ]
