from django.db import migrations

# Found by no words of what was said before; what is translated anew is found again by that.
SQL = """
UPDATE feedback_feedbackitem AS item SET translated_text = '' WHERE item.translated_text <> '' AND EXISTS (
    SELECT 1 FROM feedback_feedbacktranslation AS row WHERE row.item_id = item.id AND row.edits < item.edits
)
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0026_any_language")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
