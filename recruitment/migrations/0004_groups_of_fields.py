"""What applicants type is kept by groups, each in its own table, as it was typed; until now answers were rows."""

import hashlib
import json
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def _digest(value: Any) -> str:
    """As `taskforce.core.text.digest` was."""
    raw = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(raw.encode()).hexdigest()


def _typed(answer: Any) -> dict[str, list[str]]:
    """What a form would have sent for this answer."""
    name = f"q-{answer.question_id}"
    if answer.question.kind == "language" and answer.text:
        return {name: ["+"], f"{name}-other": [answer.text]}
    given = list(answer.choices) or ([answer.text] if answer.text else [])
    return {name: given} if given else {}


def _content(answers: list[Any]) -> list[dict[str, Any]]:
    """As `recruitment.queries.content` makes it."""
    return [
        {
            "question": one.question_id,
            "text": one.text,
            "choice": one.choices[0] if one.choices else "",
            **({"more": list(one.choices[1:])} if one.choices[1:] else {}),
        }
        for one in answers
        if one.text or one.choices
    ]


def take_over(apps: Any, schema_editor: Any) -> None:
    """Drafts as they stand; who has submitted what stands there has no other draft."""
    tables = {name: apps.get_model("recruitment", name) for name in _TABLES}
    was = apps.get_model("recruitment", "ApplicationAnswer")
    for one in apps.get_model("recruitment", "Application").objects.select_related("identity").order_by("pk"):
        found = was.objects.filter(application=one).select_related("question")
        answers = list(found.order_by("question__position"))
        last = one.snapshots.order_by("-number").first()
        identity = one.identity
        typed: dict[str, dict[str, list[str]]] = {
            "ApplicationAnswers": {name: said for each in answers for name, said in _typed(each).items()},
            "ApplicantIdentity": {
                **({"name": [identity.name]} if identity.name else {}),
                **({"publish_name": ["on"]} if identity.publish_name else {}),
            },
            "ApplicantProfile": {},
            "ApplicantDemographics": {},
        }
        is_submitted = {
            "ApplicationAnswers": last is not None and _content(answers) == last.answers,
            "ApplicantIdentity": last is not None,
        }
        for name, table in tables.items():
            values = {"typed": typed[name], "submitted_digest": _digest(typed[name]) if is_submitted.get(name) else ""}
            if name in is_submitted:
                values |= {"version": one.version, "saved_at": one.saved_at if one.version else None}
            table.objects.update_or_create(application=one, defaults=values)
        if last is None:
            type(identity).objects.filter(pk=identity.pk).update(publish_name=False)


def _answer(question: Any, typed: dict[str, list[str]]) -> dict[str, Any]:
    """What a row of the answers held of what was typed; what did not fit there was not kept in them either."""
    name = f"q-{question.pk}"
    given = typed.get(name, [])
    if question.kind in ("long-text", "short-text"):
        return {"text": given[0] if given else ""}
    if question.kind == "language" and given == ["+"]:
        return {"text": "".join(typed.get(f"{name}-other", [])), "choices": ["mis"]}
    return {"choices": [code for code in given if len(code) <= _LONGEST_CODE]}


def give_back(apps: Any, schema_editor: Any) -> None:
    """Answers as rows again, and the name as it was typed last; the other groups there was no place for."""
    was, identities = (apps.get_model("recruitment", name) for name in ("ApplicationAnswer", "ApplicantIdentity"))
    asked = apps.get_model("questions", "Question").objects
    for one in apps.get_model("recruitment", "ApplicationAnswers").objects.select_related("application__call"):
        found = {each.pk: _answer(each, one.typed) for each in asked.filter(version=one.application.call.questions_id)}
        rows = [
            was(application_id=one.application_id, question_id=pk, **said)
            for pk, said in found.items()
            if any(said.values())
        ]
        was.objects.bulk_create(rows)
    for identity in identities.objects.all():
        identity.name = "".join(identity.typed.get("name", []))[:_LONGEST_NAME]
        identity.publish_name = "publish_name" in identity.typed
        identity.save(update_fields=["name", "publish_name"])


_LONGEST_CODE, _LONGEST_NAME = 50, 120
_TABLES = ("ApplicantIdentity", "ApplicantProfile", "ApplicationAnswers", "ApplicantDemographics")


class Migration(migrations.Migration):
    dependencies = [
        ("recruitment", "0003_calls_in_full"),
    ]

    operations = [
        migrations.AddField(
            model_name="applicantidentity",
            name="not_reviewers",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="publish_languages",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="publish_region",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="publish_roles",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="publish_text",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="publish_wiki_name",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="saved_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="submitted_digest",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="typed",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="version",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="applicantidentity",
            name="wiki_name",
            field=models.CharField(blank=True, default="", max_length=255),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="profile",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="terms",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.CreateModel(
            name="ApplicantDemographics",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("typed", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=0)),
                ("saved_at", models.DateTimeField(null=True)),
                ("submitted_digest", models.CharField(blank=True, default="", max_length=64)),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("woman", "woman"),
                            ("man", "man"),
                            ("non-binary", "non-binary"),
                            ("own", "in my own words (below)"),
                            ("not-said", "I prefer not to say"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("gender_words", models.CharField(blank=True, default="", max_length=100)),
                (
                    "age",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("0-17", "under 18"),
                            ("18-24", "18 to 24"),
                            ("25-34", "25 to 34"),
                            ("35-44", "35 to 44"),
                            ("45-54", "45 to 54"),
                            ("55-64", "55 to 64"),
                            ("65-", "65 or older"),
                            ("not-said", "I prefer not to say"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "affiliation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("volunteer", "as a volunteer"),
                            ("staff", "as staff of an affiliate"),
                            ("board", "on the board of an affiliate"),
                            ("foundation", "as staff of the Wikimedia Foundation"),
                            ("own", "in my own words (below)"),
                            ("not-said", "I prefer not to say"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("affiliation_words", models.CharField(blank=True, default="", max_length=100)),
                (
                    "experience",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("0-1", "less than 2 years"),
                            ("2-4", "2 to 4 years"),
                            ("5-9", "5 to 9 years"),
                            ("10-14", "10 to 14 years"),
                            ("15-", "15 years or more"),
                            ("not-said", "I prefer not to say"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="demographics",
                        to="recruitment.application",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApplicantProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("typed", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=0)),
                ("saved_at", models.DateTimeField(null=True)),
                ("submitted_digest", models.CharField(blank=True, default="", max_length=64)),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="profile",
                        to="recruitment.application",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApplicationAnswers",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("typed", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=0)),
                ("saved_at", models.DateTimeField(null=True)),
                ("submitted_digest", models.CharField(blank=True, default="", max_length=64)),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="recruitment.application",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RunPython(take_over, give_back),
        migrations.DeleteModel(
            name="ApplicationAnswer",
        ),
    ]
