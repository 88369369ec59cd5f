import datetime
import ipaddress
import signal
import socket
import ssl
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hitl.errors import UsageError
from hitl.web.serving import check_certificate, listening, url_of
from hitl.web.settings import Settings, settings_for
from tests.web.caller import Caller
from tests.web.rooms import Room
from tests.web.served import Program

NO_TLS = (None, None)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_stops_when_told_to_and_keeps_what_was_saved(
    room: Room, how: signal.Signals, code: int
) -> None:
    with Program(room.folder) as program:
        caller = Caller(program.port)
        entered = caller.enter(room.token("alice"))
        stopped, told = program.stop(how)

    assert entered.status == 303
    assert program.url == f"http://127.0.0.1:{program.port}/"
    assert stopped == code
    assert program.url in told
    assert room.token("alice") not in told
    assert "Traceback" not in told
    assert not (room.folder / "votes.sqlite-wal").exists()


def test_a_folder_without_a_review_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"review\.json"), Program(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "review.example.org", "::"])  # noqa: S104
def test_beyond_this_machine_only_with_tls_or_a_proxy(host: str) -> None:
    with pytest.raises(UsageError, match="--tls-cert and --tls-key, or put a proxy"):
        settings_for(host, 8765, (), NO_TLS, is_behind_proxy=False)


def test_behind_a_proxy_the_name_must_be_said() -> None:
    with pytest.raises(UsageError, match=r"--name review\.example\.org"):
        settings_for("127.0.0.1", 8765, (), NO_TLS, is_behind_proxy=True)
    found = settings_for("127.0.0.1", 0, ("Review.Example.org",), NO_TLS, is_behind_proxy=True)
    assert "review.example.org" in found.names
    assert found.is_https
    with listening(found) as sock:
        assert url_of(found, sock) == "https://review.example.org/"


def test_a_key_without_a_certificate_is_refused() -> None:
    with pytest.raises(UsageError, match="go together"):
        settings_for("127.0.0.1", 0, (), (None, Path("key.pem")), is_behind_proxy=False)


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("nothing")
    for name in ("a.pem", "missing.pem"):
        settings = Settings(certificate=tmp_path / name, key=tmp_path / name)
        with pytest.raises(UsageError, match="cannot be used for TLS"):
            check_certificate(settings)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"--port {port} is taken"), listening(Settings(port=port)):  # fmt: skip
            pass


def test_an_address_that_is_not_this_machines_is_told(room: Room) -> None:
    options = ("--host", "192.0.2.1", "--behind-proxy", "--name", "review.example.org")
    with pytest.raises(RuntimeError, match="choose another --host"), Program(room.folder, *options):
        pass


def test_with_a_certificate_the_cookie_is_for_https_alone(room: Room, tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path)
    options = ("--tls-cert", str(certificate), "--tls-key", str(key))
    with Program(room.folder, *options) as program:
        trusting = ssl.create_default_context(cafile=str(certificate))
        with urllib.request.urlopen(program.url, context=trusting, timeout=20) as answer:  # noqa: S310
            cookie = answer.headers["set-cookie"]

    assert program.url.startswith("https://127.0.0.1:")
    assert cookie.startswith("__Host-hitl-entry-")
    assert "Secure" in cookie


def test_behind_a_proxy_attempts_are_counted_for_whom_the_proxy_saw(room: Room) -> None:
    options = ("--behind-proxy", "--name", "review.example.org")
    with Program(room.folder, *options) as program:
        caller = Caller(program.port)
        caller.csrf = caller.get("/", Host="review.example.org").csrf
        statuses = []
        for n in range(12):
            # What the caller writes of itself stands first and counts for nothing.
            seen = {"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.7", "Host": "review.example.org"}
            statuses.append(caller.post("/enter", {"token": "wrong"}, **seen).status)
        seen = {"X-Forwarded-For": "203.0.113.8", "Host": "review.example.org"}
        other = caller.post("/enter", {"token": room.token("alice")}, **seen)

    assert statuses == [401] * 10 + [429] * 2
    assert other.status == 303
    assert all(name.startswith("__Host-") for name in caller.cookies)


def a_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
