"""One application to a call for each mailbox."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recruitment", "0005_reminders")]

    operations = [
        migrations.AddField(
            model_name="application",
            name="mailbox_key",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "submitted"), models.Q(("mailbox_key", ""), _negated=True)),
                fields=("call", "mailbox_key"),
                name="one_application_of_a_mailbox",
            ),
        ),
    ]
