"""Certificates and HTTP/2, by servers that speak them."""

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from cli.probe_servers import HELD, OK, Clock, failure, parts, request
from samstream_cli.probe_network import Recording
from samstream_cli.probe_runs import Ending
from samstream_cli.probing import NO_HTTP2, http_versions, probe


def test_tls_with_what_speaks_none_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: _greet(listener))
        thread.start()
        message = failure(f"https://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join(HELD)
    assert "can't be reached: [SSL" in message


def _greet(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b"220 hello\r\n")


def test_http2_is_offered_over_tls_where_its_package_is() -> None:
    tls, plain = request("https://a.test/"), request("http://a.test/")
    assert http_versions(tls, h2_installed=True) == (True, ())
    assert http_versions(tls, h2_installed=False) == (False, (NO_HTTP2,))
    assert http_versions(plain, h2_installed=False) == (False, ())
    assert http_versions(request("https://a.test/", http1=True), h2_installed=True) == (False, ())


def test_a_certificate_nobody_vouches_for_is_refused_unless_that_is_allowed(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: _serve_tls(listener, context, 2))
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        message = failure(url)
        run = probe(request(url, insecure=True, http1=True), Recording(Clock(), timeout=HELD))
        thread.join(HELD)
    assert "CERTIFICATE_VERIFY_FAILED" in message
    assert (run.status, run.size, run.setup.tls) == (200, 2, 0.0)


def _serve_tls(listener: socket.socket, context: ssl.SSLContext, connections: int) -> None:
    for _ in range(connections):
        connection, _ = listener.accept()
        with connection:
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(OK + b"Content-Length: 2\r\n\r\nok")
            except ssl.SSLError:
                continue


def _certificate(folder: Path) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    valid = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = valid.sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(private + certificate.public_bytes(encoding))
    return str(path)


def test_authorities_that_are_not_there_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")
    assert failure("https://127.0.0.1:1/") == "SSL_CERT_FILE or SSL_CERT_DIR names no certificates"


def test_http2_is_measured_by_its_reads(tmp_path: Path) -> None:
    told = threading.Semaphore(0)
    clock = Clock()

    def answer(connection: ssl.SSLSocket) -> None:
        http = H2Connection(H2Configuration(client_side=False))
        http.initiate_connection()
        stream = _until_request(connection, http)
        http.send_headers(stream, [(":status", "200"), ("content-type", "text/event-stream")])
        for number in range(3):
            clock.now += 2
            http.send_data(stream, b"data: %d\n\n" % number)
            connection.sendall(http.data_to_send())
            assert told.acquire(timeout=HELD), "the chunk wasn't told"
        http.end_stream(stream)
        connection.sendall(http.data_to_send())
        connection.recv(65536)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    context.set_alpn_protocols(["h2"])
    recording = Recording(clock, timeout=HELD, on_chunk=lambda _: told.release())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: _serve_http2(listener, context, answer))
        thread.start()
        run = probe(request(f"https://127.0.0.1:{listener.getsockname()[1]}/", insecure=True), recording)
        thread.join(HELD)
    assert (run.http_version, run.status, run.events, run.ending) == ("HTTP/2", 200, 3, Ending.COMPLETE)
    assert parts(run) == [(2.0, 9), (4.0, 9), (6.0, 9)]


def _serve_http2(listener: socket.socket, context: ssl.SSLContext, answer: Callable[[ssl.SSLSocket], None]) -> None:
    connection, _ = listener.accept()
    with connection, context.wrap_socket(connection, server_side=True) as secured:
        answer(secured)


def _until_request(connection: ssl.SSLSocket, http: H2Connection) -> int:
    """The stream of the first request."""
    while True:
        for event in http.receive_data(connection.recv(65536)):
            if isinstance(event, RequestReceived):
                return int(event.stream_id or 0)
