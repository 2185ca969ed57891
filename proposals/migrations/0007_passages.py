"""What was split or joined from now on, and which revision wrote which text: that one also for all there are."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The first revision with a version of a text is the one that wrote it.
FILL = """
INSERT INTO proposals_wording (revision_id, unit_id, language, version)
SELECT DISTINCT ON (known.id, content.language, (unit->>'version')::int)
    content.revision_id, known.id, content.language, (unit->>'version')::int
FROM proposals_revisioncontent AS content
JOIN proposals_revision AS revision ON revision.id = content.revision_id
CROSS JOIN jsonb_array_elements(content.units) AS unit
JOIN proposals_unit AS known ON known.id = (unit->>'id')::bigint
WHERE unit->>'text' <> '' AND unit->>'version' IS NOT NULL
ORDER BY known.id, content.language, (unit->>'version')::int, revision.number
"""


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0006_section_anchors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=10)),
                ("version", models.PositiveIntegerField()),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="wordings", to="proposals.revision"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="wordings", to="proposals.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Passage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("split", "Split"), ("join", "Join"), ("part", "Part")],
                        max_length=5,
                    ),
                ),
                ("source_version", models.PositiveIntegerField(null=True)),
                ("target_version", models.PositiveIntegerField()),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="passages", to="proposals.revision"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="passages_out", to="proposals.unit"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="passages_in", to="proposals.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("revision", "source", "target"), name="one_passage_between_two"),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("target")), _negated=True), name="no_passage_to_itself"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="passage",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fe49ab0d0c10df22a319632454158482c40500db",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2a980",
                    table="proposals_passage",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="wording",
            constraint=models.UniqueConstraint(fields=("unit", "language", "version"), name="one_wording_per_version"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="wording",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c0cbde533a5e3a0babc69f01e0d833cf842bf111",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0823d",
                    table="proposals_wording",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
