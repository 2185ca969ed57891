"""Subjects survive the wire: what was written is what a mail program shows."""

from email import message_from_bytes, policy

import pytest

from taskforce.notifications.composing import subject_line

SUBJECTS = [
    "Leadership development task force: the members are announced and begin their work today, thank you all",
    "فريق عمل تطوير القيادة: الإعلان عن فريق العمل وبدء العمل في السادس عشر من مايو 2022",
    "Grupo de trabajo para el desarrollo del liderazgo: se anuncia quiénes lo forman y qué harán",
    "Groupe de travail sur le développement du leadership : le groupe est annoncé à toutes et à tous",
    "नेतृत्व विकास कार्यबल: कार्यबल की घोषणा और कार्य आज से शुरू होता है",
    "リーダーシップ開発タスクフォース: タスクフォースが発表されました。本日から活動を始めます",
    "Рабочая группа по развитию лидерства: объявлен состав группы и начало работы",
    "領導力發展專案組：專案組成員公布，今天開始工作，感謝所有申請的人",
    "Short",
    "Ümlaut",
    "=?utf-8?q?Hello=0D=0ABcc:_everybody=40example.org?=",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_arrives_as_written(subject: str) -> None:
    raw = subject_line(subject)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    for one_policy in (policy.default, policy.SMTP):
        parsed = message_from_bytes(raw + b"\r\nbody", policy=one_policy)
        assert parsed["Subject"] == subject


def test_a_line_end_cannot_begin_a_header() -> None:
    raw = subject_line("Hello\r\nBcc: everybody@example.org")
    parsed = message_from_bytes(raw + b"\r\nbody", policy=policy.default)
    assert (parsed["Bcc"], parsed["Subject"]) == (None, "Hello Bcc: everybody@example.org")
