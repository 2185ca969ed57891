"""Calls say all that people ask before they apply, and what is published of them stays; acts change seats and rubric."""

import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recruitment", "0002_several_choices"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("seats", "number of seats"), ("criteria", "criteria or weights")], max_length=10
                    ),
                ),
                ("old_seats", models.PositiveSmallIntegerField(null=True)),
                ("new_seats", models.PositiveSmallIntegerField(null=True)),
                ("old_criteria", models.JSONField(null=True)),
                ("new_criteria", models.JSONField(null=True)),
                ("reason", models.TextField()),
                ("reason_en", models.TextField(null=True)),
                ("reason_ar", models.TextField(null=True)),
                ("reason_de", models.TextField(null=True)),
                ("reason_es", models.TextField(null=True)),
                ("reason_fr", models.TextField(null=True)),
                ("reason_hi", models.TextField(null=True)),
                ("reason_ind", models.TextField(null=True)),
                ("reason_ja", models.TextField(null=True)),
                ("reason_pt_br", models.TextField(null=True)),
                ("reason_ru", models.TextField(null=True)),
                ("reason_zh_hans", models.TextField(null=True)),
                ("reason_zh_hant", models.TextField(null=True)),
                ("actor_id", models.BigIntegerField()),
                ("actor_name", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "change of a call",
                "verbose_name_plural": "changes of calls",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="Clarification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("question", models.CharField(max_length=300)),
                ("question_en", models.CharField(max_length=300, null=True)),
                ("question_ar", models.CharField(max_length=300, null=True)),
                ("question_de", models.CharField(max_length=300, null=True)),
                ("question_es", models.CharField(max_length=300, null=True)),
                ("question_fr", models.CharField(max_length=300, null=True)),
                ("question_hi", models.CharField(max_length=300, null=True)),
                ("question_ind", models.CharField(max_length=300, null=True)),
                ("question_ja", models.CharField(max_length=300, null=True)),
                ("question_pt_br", models.CharField(max_length=300, null=True)),
                ("question_ru", models.CharField(max_length=300, null=True)),
                ("question_zh_hans", models.CharField(max_length=300, null=True)),
                ("question_zh_hant", models.CharField(max_length=300, null=True)),
                ("answer", models.TextField()),
                ("answer_en", models.TextField(null=True)),
                ("answer_ar", models.TextField(null=True)),
                ("answer_de", models.TextField(null=True)),
                ("answer_es", models.TextField(null=True)),
                ("answer_fr", models.TextField(null=True)),
                ("answer_hi", models.TextField(null=True)),
                ("answer_ind", models.TextField(null=True)),
                ("answer_ja", models.TextField(null=True)),
                ("answer_pt_br", models.TextField(null=True)),
                ("answer_ru", models.TextField(null=True)),
                ("answer_zh_hans", models.TextField(null=True)),
                ("answer_zh_hant", models.TextField(null=True)),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "question about a call",
                "verbose_name_plural": "questions about calls",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ScoreMeaning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=600)),
                ("text_en", models.CharField(max_length=600, null=True)),
                ("text_ar", models.CharField(max_length=600, null=True)),
                ("text_de", models.CharField(max_length=600, null=True)),
                ("text_es", models.CharField(max_length=600, null=True)),
                ("text_fr", models.CharField(max_length=600, null=True)),
                ("text_hi", models.CharField(max_length=600, null=True)),
                ("text_ind", models.CharField(max_length=600, null=True)),
                ("text_ja", models.CharField(max_length=600, null=True)),
                ("text_pt_br", models.CharField(max_length=600, null=True)),
                ("text_ru", models.CharField(max_length=600, null=True)),
                ("text_zh_hans", models.CharField(max_length=600, null=True)),
                ("text_zh_hant", models.CharField(max_length=600, null=True)),
            ],
            options={
                "verbose_name": "meaning of a score",
                "verbose_name_plural": "meanings of scores",
                "ordering": ["score"],
            },
        ),
        migrations.AlterModelOptions(
            name="criterion",
            options={"ordering": ["position"], "verbose_name": "criterion", "verbose_name_plural": "criteria"},
        ),
        migrations.RemoveConstraint(
            model_name="criterion",
            name="one_criterion_per_position",
        ),
        migrations.AddField(
            model_name="call",
            name="allowance",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_ar",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_de",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_en",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_es",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_fr",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_hi",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_ind",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_ja",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_pt_br",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_ru",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_zh_hans",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="allowance_zh_hant",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_ar",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_de",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_en",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_es",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_fr",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_hi",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_ind",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_ja",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_pt_br",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_ru",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_zh_hans",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="criteria_introduction_zh_hant",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_ar",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_de",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_en",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_es",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_fr",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_hi",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_ind",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_ja",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_pt_br",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_ru",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_zh_hans",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="hours_zh_hant",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=10), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="panel_size",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="call",
            name="publication",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_ar",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_de",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_en",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_es",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_fr",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_hi",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_ind",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_ja",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_pt_br",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_ru",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_zh_hans",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="publication_zh_hant",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="call",
            name="term_ar",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_de",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_en",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_es",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_fr",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_hi",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_ind",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_ja",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_pt_br",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_ru",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_zh_hans",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="term_zh_hant",
            field=models.CharField(blank=True, max_length=300, null=True),
        ),
        migrations.AddField(
            model_name="criterion",
            name="retired_at",
            field=models.DateTimeField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="call",
            trigger=pgtrigger.compiler.Trigger(
                name="note",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nPERFORM set_config(\n    'recruitment.acted', coalesce(current_setting('recruitment.acted', true), '') || ' ' || NEW.id || ' ', true\n);\nRETURN NULL;\n",
                    hash="e1de559af48e02540e4fb320d641d8c17e08b2a1",
                    operation="INSERT",
                    pgid="pgtrigger_note_1b1c0",
                    table="recruitment_call",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="call",
            trigger=pgtrigger.compiler.Trigger(
                name="what_is_published_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."published_at" IS NOT NULL)',
                    func="\nIF EXISTS (\n        SELECT FROM jsonb_each(to_jsonb(NEW)) AS says JOIN jsonb_each(to_jsonb(OLD)) AS said USING (key)\n        WHERE says.value <> said.value AND key <> 'seats' AND NOT (key ~ '^(title|purpose|term|hours|allowance|publication|criteria_introduction)(_|$)')\n    )\n    OR (EXISTS (\n        SELECT FROM jsonb_each(to_jsonb(NEW)) AS says JOIN jsonb_each(to_jsonb(OLD)) AS said USING (key)\n        WHERE says.value <> said.value AND key ~ '^(title|purpose|term|hours|allowance|publication|criteria_introduction)(_|$)'\n    ) AND NOT coalesce(current_setting('portal.corrected_label', true), '') = TG_TABLE_NAME || ' ' || OLD.id)\nTHEN\n    \n    RAISE EXCEPTION 'what a published call says stays' USING ERRCODE = 'integrity_constraint_violation';\n\nEND IF;\nIF NEW.seats <> OLD.seats AND NOT (\n    position(' ' || OLD.id || ' ' IN coalesce(current_setting('recruitment.acted', true), '')) > 0 AND coalesce((\n        SELECT (old_seats, new_seats) = (OLD.seats, NEW.seats) FROM recruitment_callchange\n        WHERE call_id = OLD.id AND kind = 'seats' ORDER BY number DESC LIMIT 1\n    ), false)\n) THEN\n    \n    RAISE EXCEPTION 'the seats of a published call change only by an act with its reason' USING ERRCODE = 'integrity_constraint_violation';\n\nEND IF;\nRETURN NEW;\n",
                    hash="85ec5d168243b480046b73aa8183a00224c68269",
                    operation="UPDATE",
                    pgid="pgtrigger_what_is_published_stays_a211c",
                    table="recruitment_call",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="call",
            trigger=pgtrigger.compiler.Trigger(
                name="published_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."published_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="b9289b7b5d616475b566ad0cf826eb729d26f4b4",
                    operation="DELETE",
                    pgid="pgtrigger_published_stays_6b858",
                    table="recruitment_call",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="call",
            trigger=pgtrigger.compiler.Trigger(
                name="weighs_a_hundred",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nIF EXISTS (SELECT FROM recruitment_call WHERE id = NEW.id AND published_at IS NOT NULL) AND (\n    SELECT coalesce(sum(weight), 0) FROM recruitment_criterion WHERE call_id = NEW.id AND retired_at IS NULL\n) <> 100 THEN\n    RAISE EXCEPTION 'the weights of a published call add up to 100'\n        USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="aebc558913c98ed73d6b4d36e2c220d01284c8d9",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_weighs_a_hundred_b864f",
                    table="recruitment_call",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterion",
            trigger=pgtrigger.compiler.Trigger(
                name="only_by_an_act",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF EXISTS (SELECT FROM recruitment_call WHERE id = (CASE WHEN TG_OP = 'INSERT' THEN NEW.call_id ELSE OLD.call_id END) AND published_at IS NOT NULL)\n    AND (TG_OP = 'DELETE' OR NOT position(' ' || (CASE WHEN TG_OP = 'INSERT' THEN NEW.call_id ELSE OLD.call_id END) || ' ' IN coalesce(current_setting('recruitment.acted', true), '')) > 0)\n    AND NOT (TG_OP = 'UPDATE' AND coalesce(current_setting('portal.corrected_label', true), '') = TG_TABLE_NAME || ' ' || OLD.id AND NOT EXISTS (\n        SELECT FROM jsonb_each(to_jsonb(NEW)) AS says JOIN jsonb_each(to_jsonb(OLD)) AS said USING (key)\n        WHERE says.value <> said.value AND NOT (key ~ '^(label|help_text)(_|$)')\n    ))\nTHEN\n    \n    RAISE EXCEPTION 'the rubric of a published call changes only by an act with its reason' USING ERRCODE = 'integrity_constraint_violation';\n\nEND IF;\nIF TG_OP = 'DELETE' THEN\n    RETURN OLD;\nEND IF;\nRETURN NEW;\n",
                    hash="3afa7b5f30958b7ed65e73435f816f28b76932ba",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_only_by_an_act_87ea3",
                    table="recruitment_criterion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterion",
            trigger=pgtrigger.compiler.Trigger(
                name="weighs_a_hundred",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nIF EXISTS (SELECT FROM recruitment_call WHERE id = NEW.call_id AND published_at IS NOT NULL) AND (\n    SELECT coalesce(sum(weight), 0) FROM recruitment_criterion WHERE call_id = NEW.call_id AND retired_at IS NULL\n) <> 100 THEN\n    RAISE EXCEPTION 'the weights of a published call add up to 100'\n        USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="3ebd6bd5711a79cbfca0e9021b056e1436daef6e",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_weighs_a_hundred_f2a00",
                    table="recruitment_criterion",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("call", "position"),
                name="one_criterion_per_position",
            ),
        ),
        migrations.AddField(
            model_name="callchange",
            name="call",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="recruitment.call"
            ),
        ),
        migrations.AddField(
            model_name="clarification",
            name="call",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clarifications", to="recruitment.call"
            ),
        ),
        migrations.AddField(
            model_name="scoremeaning",
            name="criterion",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="meanings", to="recruitment.criterion"
            ),
        ),
        migrations.AddConstraint(
            model_name="callchange",
            constraint=models.UniqueConstraint(fields=("call", "number"), name="one_call_change_per_number"),
        ),
        migrations.AddConstraint(
            model_name="callchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "seats"),
                        ("new_criteria__isnull", True),
                        ("new_seats__gte", 1),
                        ("old_criteria__isnull", True),
                        ("old_seats__gte", 1),
                    ),
                    models.Q(
                        ("kind", "criteria"),
                        ("new_criteria__isnull", False),
                        ("new_seats__isnull", True),
                        ("old_criteria__isnull", False),
                        ("old_seats__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="a_call_change_says_from_what_to_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="callchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "seats"), _negated=True),
                    models.Q(("old_seats", models.F("new_seats")), _negated=True),
                    _connector="OR",
                ),
                name="seats_change_to_others",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fc0faa255d64b0d47b2aab48403735fdaac2aa89",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_84c07",
                    table="recruitment_callchange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callchange",
            trigger=pgtrigger.compiler.Trigger(
                name="note",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nPERFORM set_config(\n    'recruitment.acted', coalesce(current_setting('recruitment.acted', true), '') || ' ' || NEW.call_id || ' ', true\n);\nRETURN NULL;\n",
                    hash="edb6ddb2b7331f8aef92a1bb684fe45cd6b08c87",
                    operation="INSERT",
                    pgid="pgtrigger_note_686bd",
                    table="recruitment_callchange",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callchange",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_its_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nIF NEW.kind = 'seats' AND NOT EXISTS (\n    SELECT FROM recruitment_call WHERE id = NEW.call_id AND seats = NEW.new_seats\n) AND NOT EXISTS (\n    SELECT FROM recruitment_callchange WHERE call_id = NEW.call_id AND kind = 'seats' AND number > NEW.number\n) THEN\n    RAISE EXCEPTION 'an act on the seats of a call changes them in its own transaction'\n        USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="f5f8dffaf072ec2de53a74152bc7ce1212a01b81",
                    operation="INSERT",
                    pgid="pgtrigger_changes_its_call_90606",
                    table="recruitment_callchange",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="clarification",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("call", "position"),
                name="one_clarification_per_position",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clarification",
            trigger=pgtrigger.compiler.Trigger(
                name="what_is_published_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF EXISTS (SELECT FROM recruitment_call WHERE id = OLD.call_id AND published_at IS NOT NULL) AND (\n    TG_OP = 'DELETE'\n    OR EXISTS (\n        SELECT FROM jsonb_each(to_jsonb(NEW)) AS says JOIN jsonb_each(to_jsonb(OLD)) AS said USING (key)\n        WHERE says.value <> said.value AND key <> 'position' AND NOT (key ~ '^(question|answer)(_|$)')\n    )\n    OR (EXISTS (\n        SELECT FROM jsonb_each(to_jsonb(NEW)) AS says JOIN jsonb_each(to_jsonb(OLD)) AS said USING (key)\n        WHERE says.value <> said.value AND key ~ '^(question|answer)(_|$)'\n    ) AND NOT coalesce(current_setting('portal.corrected_label', true), '') = TG_TABLE_NAME || ' ' || OLD.id)\n) THEN\n    \n    RAISE EXCEPTION 'what a published call answers stays' USING ERRCODE = 'integrity_constraint_violation';\n\nEND IF;\nIF TG_OP = 'DELETE' THEN\n    RETURN OLD;\nEND IF;\nRETURN NEW;\n",
                    hash="c76649fddf78c203b43c38f6e1e2c41c1d67b783",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_what_is_published_stays_74d7f",
                    table="recruitment_clarification",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="scoremeaning",
            constraint=models.UniqueConstraint(fields=("criterion", "score"), name="one_meaning_per_score"),
        ),
        migrations.AddConstraint(
            model_name="scoremeaning",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__gte", 1), ("score__lte", 5)), name="meaning_of_a_score_in_range"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="scoremeaning",
            trigger=pgtrigger.compiler.Trigger(
                name="only_by_an_act",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF EXISTS (SELECT FROM recruitment_call WHERE id = (CASE WHEN TG_OP = 'INSERT' THEN (SELECT call_id FROM recruitment_criterion WHERE id = NEW.criterion_id) ELSE (SELECT call_id FROM recruitment_criterion WHERE id = OLD.criterion_id) END) AND published_at IS NOT NULL)\n    AND (NOT position(' ' || (CASE WHEN TG_OP = 'INSERT' THEN (SELECT call_id FROM recruitment_criterion WHERE id = NEW.criterion_id) ELSE (SELECT call_id FROM recruitment_criterion WHERE id = OLD.criterion_id) END) || ' ' IN coalesce(current_setting('recruitment.acted', true), '')) > 0)\n    AND NOT (TG_OP = 'UPDATE' AND coalesce(current_setting('portal.corrected_label', true), '') = TG_TABLE_NAME || ' ' || OLD.id AND NOT EXISTS (\n        SELECT FROM jsonb_each(to_jsonb(NEW)) AS says JOIN jsonb_each(to_jsonb(OLD)) AS said USING (key)\n        WHERE says.value <> said.value AND NOT (key ~ '^(text)(_|$)')\n    ))\nTHEN\n    \n    RAISE EXCEPTION 'the rubric of a published call changes only by an act with its reason' USING ERRCODE = 'integrity_constraint_violation';\n\nEND IF;\nIF TG_OP = 'DELETE' THEN\n    RETURN OLD;\nEND IF;\nRETURN NEW;\n",
                    hash="18661a65c54b340c92a7567774f0bcb04b56b48e",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_only_by_an_act_1e838",
                    table="recruitment_scoremeaning",
                    when="BEFORE",
                ),
            ),
        ),
    ]
