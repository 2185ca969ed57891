import django.contrib.postgres.indexes
from django.db import migrations

# Without a list of what waits to be sorted in, through which each look would go.
AT_ONCE = "ALTER INDEX feedback_fingerprint SET (fastupdate = off)"
# Not into this transaction's own work: an index of a table with rows may be large.
SORTED_IN = "SELECT gin_clean_pending_list('feedback_fingerprint')"
LATER = "ALTER INDEX feedback_fingerprint RESET (fastupdate)"
# By the index however few texts there are, or seemed to be when the planner last looked: where many come at once, there
# are soon more. Planned once for each connection.
NEAR = """
CREATE FUNCTION feedback_near(marks bigint[], of_window bigint, but bigint, gone text, shared bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        WITH near AS MATERIALIZED (
            SELECT id, alike, window_id, state, fingerprint FROM feedback_feedbackitem WHERE fingerprint && marks
        )
        SELECT COALESCE(alike, id) FROM near WHERE window_id = of_window AND id <> but AND state <> gone
            AND (SELECT count(*) FROM unnest(fingerprint) AS mark WHERE mark = ANY(marks)) >= shared
        LIMIT 1
    );
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0031_told_mailboxes")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(AT_ONCE, LATER),
                migrations.RunSQL(SORTED_IN, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="feedbackitem", name="feedback_fingerprint"),
                migrations.AddIndex(
                    model_name="feedbackitem",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["fingerprint"], name="feedback_fingerprint"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(NEAR, "DROP FUNCTION feedback_near(bigint[], bigint, bigint, text, bigint)"),
    ]
