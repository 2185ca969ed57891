"""To the mail server: encrypted where the settings say so, signed in, and never to a server that nobody vouches for."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from taskforce.core.clock import real_now
from taskforce.notifications import delivery
from tests.notifications import sink as sinks
from tests.notifications.conftest import Write
from tests.notifications.sink import Sink

pytestmark = [
    pytest.mark.django_db,
    # aiosmtpd warns of asking for a password in the clear even where the whole connection is encrypted.
    pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning"),
]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1's own, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(real_now() - timedelta(hours=1))
        .not_valid_after(real_now() + timedelta(hours=1))
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


def account(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    """The mail server knows one account."""
    # Not handled: the server answers the 535 itself.
    return AuthResult(success=data == LoginPassword(b"portal", b"secret"), handled=False)


@pytest.fixture(params=["starttls", "tls"])
def secure_sink(request: pytest.FixtureRequest, certificate: Path, settings: Settings) -> Iterator[Sink]:
    """A mail server that takes mail only encrypted and from its account."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    handler = Sink()
    direct = request.param == "tls"
    how = {"ssl_context": context} if direct else {"tls_context": context, "require_starttls": True}
    with sinks.running(handler, authenticator=account, auth_required=True, auth_require_tls=not direct, **how) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 3
        settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = direct, not direct
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "secret"
        yield handler


def test_encrypted_and_signed_in(
    secure_sink: Sink, certificate: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    row = write()
    write("bob@example.org")
    assert delivery.deliver_due() == 2
    assert secure_sink.message_ids()[row.message_id] == 1


def test_a_server_that_nobody_vouches_for_gets_nothing(secure_sink: Sink, write: Write) -> None:
    row = write()
    assert delivery.deliver_due() == 0
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)


def test_a_wrong_password_costs_no_attempt(
    secure_sink: Sink, certificate: Path, write: Write, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.EMAIL_HOST_PASSWORD = "wrong"
    row = write()
    assert delivery.deliver_due() == 0
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)
