"""Only who agreed with what a text says now is counted; before, also who had agreed with what it said then."""

from django.db import migrations

_COUNT = """
UPDATE feedback_feedbackitem AS item SET agreed = (
    SELECT count(*) FROM feedback_feedbackagreement AS agreement
    WHERE agreement.item_id = item.id AND agreement.edits = item.edits
) WHERE item.edits > 0 AND item.agreed > 0
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0036_appeals_once_more")]

    operations = [migrations.RunSQL(_COUNT, migrations.RunSQL.noop)]
