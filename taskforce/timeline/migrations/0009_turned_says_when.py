from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0008_turns"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="taskforce",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("turned_at__isnull", True), ("turns", 0)),
                    models.Q(("turned_at__isnull", False), ("turns__gt", 0)),
                    _connector="OR",
                ),
                name="it_says_when_it_last_turned",
            ),
        ),
    ]
