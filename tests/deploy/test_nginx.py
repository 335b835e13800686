"""nginx before a running service, by our configuration: long polls, streams, large bodies, TLS."""

import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lacking import needs
from running import free_port, nextlead, wait_until
from test_serving import started

from service.api.hot import MAX_WAIT_SECONDS
from service.embedded.servers import Addresses

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "nextlead.conf"
NAME = "leads.example.com"
WHOLE = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {ours}
}}
"""

pytestmark = [pytest.mark.more, pytest.mark.timeout(300), needs("nginx")]


def certificate(folder: Path) -> None:
    """A certificate and its key, as files of the names in our configuration."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    first, last = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / f"{NAME}.pem").write_bytes(made.public_bytes(pem))
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{NAME}.key").write_bytes(key.private_bytes(pem, *form))


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[int]:
    """nginx with our configuration; only ports and the place of the certificate are others."""
    folder.mkdir()
    certificate(folder)
    port = free_port()
    ours = CONFIGURATION.read_text("utf-8")
    for before, after in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
        ("/etc/ssl/", f"{folder}/"),
    ):
        assert before in ours
        ours = ours.replace(before, after)
    (folder / "nginx.conf").write_text(WHOLE.format(folder=folder, ours=ours))
    program = shutil.which("nginx")
    assert program is not None
    process = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf"])
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def test_nginx_passes_long_polls_streams_and_large_bodies_on(
    tmp_path: Path, servers: Addresses, settings: object
) -> None:
    port = free_port()
    environment = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
        "NEXTLEAD_TRUSTED_PROXIES": "127.0.0.1",
    }
    scopes = ("--scope", "intake,operate,supervise,read,admin", "--replace")
    made = nextlead("keys", "create", "nginx", *scopes, **environment)
    key = next(word for word in made.stdout.split() if word.startswith("nl_"))
    serve = ("serve", "--host", "127.0.0.1", "--port", f"{port}")
    with (
        started(tmp_path / "service", *serve, **environment) as service,
        nginx(tmp_path / "nginx", port) as outside,
        httpx.Client(
            base_url=f"https://127.0.0.1:{outside}",
            headers={"Authorization": f"Bearer {key}", "Host": NAME},
            verify=ssl.create_default_context(cafile=tmp_path / "nginx" / f"{NAME}.pem"),
            timeout=90,
        ) as client,
        ThreadPoolExecutor(1) as beside,
    ):
        wait_until(lambda: service.events("service.ready"))
        client.put("/v1/queues/quiet", json={}).raise_for_status()
        client.put("/v1/operators/nina", json={"queues": ["quiet"]}).raise_for_status()
        begun = time.monotonic()
        poll = beside.submit(
            client.post, f"/v1/operators/nina/next?wait={MAX_WAIT_SECONDS}&on_top=false"
        )
        assert client.get("/metrics").status_code == 404
        large = b'{"channel": "email", "text": "' + b"x" * 100 + b'"}\n'
        rows = large * (3 * 1024 * 1024 // len(large))
        answer = client.post(
            "/v1/leads/import?dry_run=true",
            content=rows,
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code != 413, answer.text
        with client.stream("GET", "/v1/queues/main/stream") as stream:
            lines = stream.iter_lines()
            next(line for line in lines if line.startswith("id:"))  # it listens
            client.post("/v1/leads", json={"channel": "email"}).raise_for_status()
            assert any(line == "event: lead.received" for line in lines), "nothing passed"
        answer = poll.result()
        assert answer.status_code == 204, answer.text
        assert time.monotonic() - begun >= MAX_WAIT_SECONDS
