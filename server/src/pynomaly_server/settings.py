"""What the server is told from outside: environment variables, checked all at once before anything starts."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pynomaly_server.addresses import TrustedProxies
from pynomaly_server.features import ALLOWED, Feature, switched_off
from pynomaly_server.models.packages.signatures import trusted_keys
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.perimeter.cors import parse_origins
from pynomaly_server.ratelimit.limits import Limits, parse_limit
from pynomaly_server.secret_files import secrets_from_files
from pynomaly_server.settings_file import settings_from_file

_PASSWORD: Final = re.compile(r"(?<=:)[^:/@]+(?=@)")
_SHOWN_CHARACTERS: Final = 200
_MAY_LIE_IN_FILES: Final = ("database_url", "redis_url", "secret_key", "secret_key_previous")
_LEAST_SECRET: Final = 32


_OTHER_VARIABLES: Final = {
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "otlp_endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
}


class SettingsError(Exception):
    """The environment cannot be used; `faults` has one sentence per fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("The settings cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults))


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "pynomaly"


def _check_database_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme in {"postgresql", "postgres"}:
        return url
    if not url or (parts.scheme == "sqlite" and parts.path.strip("/") and ":memory:" not in url):
        return url
    raise ValueError("unusable")


def _check_redis_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme in {"redis", "rediss", "valkey", "valkeys"} and parts.hostname:
        return url
    if parts.scheme == "unix" and parts.path.startswith("/"):
        return url
    raise ValueError("unusable")


def _check_storage_url(url: str) -> str:
    parts = urlsplit(url)
    if not url or (parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")):
        return url
    if parts.scheme == "s3" and parts.netloc:
        return url
    raise ValueError("unusable")


def _check_otlp_endpoint(url: str) -> str:
    parts = urlsplit(url)
    if not url or (parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc):
        return url
    raise ValueError("unusable")


def _check_origins(text: str) -> str:
    parse_origins(text)
    return text


def _check_outbound_allow(text: str) -> str:
    Allowances.parse(text)
    return text


def _check_trusted_proxies(text: str) -> str:
    TrustedProxies.parse(text)
    return text


def _check_trusted_keys(text: str) -> str:
    trusted_keys(text)
    return text


def _check_former_secrets(text: SecretStr) -> SecretStr:
    if any(len(secret) < _LEAST_SECRET for secret in text.get_secret_value().split()):
        raise ValueError("unusable")
    return text


def _check_features(names: str) -> str:
    switched_off(names)
    return names


def _check_limit(text: str) -> str:
    parse_limit("", text)
    return text


def _limit(default: str, what: str) -> Any:
    """A limit in tokens per seconds."""
    return Field(default, description=what, json_schema_extra={"allowed": "tokens/seconds (600/60) or off"})


def _count(at_least: int, at_most: int, default: int, what: str) -> Any:
    """A whole number with its bounds and the sentence that says them."""
    return Field(
        default,
        ge=at_least,
        le=at_most,
        description=what,
        json_schema_extra={"allowed": f"a whole number from {at_least:,} to {at_most:,}"},
    )


def _seconds(at_least: float, at_most: float, default: float, what: str) -> Any:
    return Field(
        default,
        ge=at_least,
        le=at_most,
        allow_inf_nan=False,
        description=what,
        json_schema_extra={"allowed": f"a number of seconds from {at_least:g} to {at_most:g}"},
    )


class Settings(BaseSettings):
    """Every setting of the server; `Settings.load()` reads them from the environment.

    Environment variables are `PYNOMALY_` and the name in capitals, except `DATABASE_URL`, `REDIS_URL`
    and `OTEL_EXPORTER_OTLP_ENDPOINT`, which have names that others know.
    """

    model_config = SettingsConfigDict(
        env_prefix="PYNOMALY_", frozen=True, extra="ignore", validate_by_name=True, env_ignore_empty=True
    )

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Folder for everything that the embedded server keeps.",
        json_schema_extra={"allowed": "a path"},
    )
    database_url: Annotated[str, AfterValidator(_check_database_url)] = Field(
        "",
        repr=False,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="The database; SQLite in the data folder where it is left out.",
        json_schema_extra={"allowed": "postgresql://user:password@host/name or sqlite:////absolute/path.db"},
    )
    redis_url: Annotated[str, AfterValidator(_check_redis_url)] | None = Field(
        None,
        repr=False,
        validation_alias=AliasChoices("REDIS_URL", "redis_url"),
        description="The broker, Redis or Valkey; the embedded server brings its own where it is left out.",
        json_schema_extra={
            "allowed": "redis://host:port/0, rediss://…, valkey://… or unix:///path/to/socket"
        },
    )
    storage_url: Annotated[str, AfterValidator(_check_storage_url)] = Field(
        "",
        description="Where datasets and results are kept; a folder in the data folder where it is left out.",
        json_schema_extra={"allowed": "file:///absolute/path or s3://bucket/prefix"},
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=_LEAST_SECRET,
        description=(
            "Key under which API keys, sessions, stored credentials, webhook secrets, cursors, models and "
            "the audit log are kept; `pynomaly serve` makes one."
        ),
        json_schema_extra={"allowed": "at least 32 characters, the same for every process of one server"},
    )
    secret_key_previous: Annotated[SecretStr, AfterValidator(_check_former_secrets)] = Field(
        SecretStr(""),
        description=(
            "Secret keys under which something may still be kept, or is about to be: they open and verify, "
            "and nothing new is made under them."
        ),
        json_schema_extra={"allowed": "keys of at least 32 characters each, with white space between them"},
    )
    token_algorithm: Literal["EdDSA", "HS256"] = Field(
        "EdDSA",
        description="How access tokens of users are signed.",
        json_schema_extra={"allowed": "EdDSA or HS256"},
    )
    access_token_seconds: int = _count(1, 3_600, 900, "Seconds that an access token of a user is good for.")
    session_days: int = _count(1, 365, 30, "Days after a login until the user has to log in again.")
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address to listen on.",
        json_schema_extra={"allowed": "an address"},
    )
    port: int = _count(0, 65_535, 8000, "Port to listen on; 0 takes a free one.")
    workers: int = _count(1, 256, 1, "API processes.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="Least level logged.",
        json_schema_extra={"allowed": "debug, info, warning or error"},
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="Form of log lines.", json_schema_extra={"allowed": "json or console"}
    )
    otlp_endpoint: Annotated[str, AfterValidator(_check_otlp_endpoint)] = Field(
        "",
        validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp_endpoint"),
        description="Collector that gets OpenTelemetry spans, by OTLP over HTTP; none where it is left out.",
        json_schema_extra={"allowed": "http://host:4318 or https://host:4318"},
    )
    detect_max_rows: int = _count(1, 10_000_000, 10_000, "Most rows of a synchronous detection.")
    detect_max_columns: int = _count(1, 100_000, 1_000, "Most columns of any table.")
    detect_max_bytes: int = _count(1_024, 2**30, 16 * 2**20, "Most bytes of a synchronous detection's body.")
    detect_max_seconds: float = _seconds(
        1, 86_400, 60, "Most seconds of one core that a synchronous detection may take, by estimate."
    )
    dataset_max_bytes: int = _count(1_024, 2**40, 2**30, "Most bytes of a dataset.")
    job_max_rows: int = _count(1, 10**9, 10_000_000, "Most rows of all data sources of a job together.")
    job_max_bytes: int = _count(1_024, 2**40, 4 * 2**30, "Most bytes of all data sources of a job together.")
    job_max_seconds: float = _seconds(
        1, 604_800, 21_600, "How long after its first start a job must be done, all attempts together."
    )
    job_max_memory: int = _count(
        256 * 2**20, 2**40, 2 * 2**30, "Most bytes of memory that a process of a worker may hold."
    )
    job_fit_rows: int = _count(10, 10_000_000, 100_000, "Most rows a job's model is fitted on.")
    job_chunk_rows: int = _count(1, 1_000_000, 20_000, "Rows scored between two looks at the cancel flag.")
    outbound_allow: Annotated[str, AfterValidator(_check_outbound_allow)] = Field(
        "",
        description="Networks and hosts, beyond the public internet, that callers may name in URLs.",
        json_schema_extra={
            "allowed": "networks (10.1.0.0/16) and hosts with their port (minio:9000), separated by commas"
        },
    )
    source_seconds: float = _seconds(1, 86_400, 600, "How long fetching one data source by its URL may take.")
    job_shard_rows: int = _count(
        1, 10**9, 100_000, "Rows of a shard; a job of more is shared out among the workers."
    )
    job_small_rows: int = _count(
        0, 10**9, 20_000, "Most rows of a job that counts as small; large ones wait in a queue of their own."
    )
    progress_seconds: float = _seconds(
        0, 60, 0.2, "Least time between two of a job's reports of its progress."
    )
    lease_seconds: float = _seconds(0.5, 3_600, 15, "How long a silent worker keeps its job.")
    job_max_attempts: int = _count(1, 100, 3, "How often a job may end its worker before it fails.")
    result_retention_days: int = _count(
        0, 36_500, 30, "Days that a job's result is kept after its end; 0 is for ever."
    )
    model_cache_bytes: int = _count(
        0, 2**40, 256 * 2**20, "Most bytes of memory that an API process keeps trained models in."
    )
    model_package_bytes: int = _count(
        1_024, 2**40, 256 * 2**20, "Most bytes of a package of a model that is imported."
    )
    model_trusted_keys: Annotated[str, AfterValidator(_check_trusted_keys)] = Field(
        "",
        description="Keys of other installations whose packages of models may be imported.",
        json_schema_extra={"allowed": "public keys (ed25519:…), separated by commas"},
    )
    result_held_rows: int = _count(
        0, 100_000, 1_000, "Most rows of a result that is kept in the database; larger ones are objects."
    )
    sweep_seconds: float = _seconds(0.05, 3_600, 2, "Time between two looks for lost jobs.")
    wait_max_seconds: float = _seconds(
        0, 60, 60, "Longest that a caller may wait for a job's end in one request."
    )
    webhook_timeout_seconds: float = _seconds(
        0.1, 120, 15, "How long a webhook's receiver may take to answer."
    )
    rate_limit: Annotated[str, AfterValidator(_check_limit)] = _limit(
        "60000/60", "Tokens that each caller may use, and the seconds in which used ones come back."
    )
    rate_limit_address: Annotated[str, AfterValidator(_check_limit)] = _limit(
        "1200/60", "The same for each address, for calls without credentials and for failed credentials."
    )
    rate_limit_login: Annotated[str, AfterValidator(_check_limit)] = _limit(
        "300/60", "The same for each address, for logins, which cost 5."
    )
    rate_limit_patience_seconds: float = _seconds(
        0.01, 60, 0.25, "How long Valkey may take to count a request before each process counts for itself."
    )
    quota_requests: int = _count(
        0, 10**15, 0, "Requests that a tenant may make in a month; 0 for any number."
    )
    quota_rows: int = _count(0, 10**15, 0, "Rows that a tenant may have scored in a month; 0 for any number.")
    quota_stored_bytes: int = _count(
        0, 10**15, 0, "Bytes that a tenant's datasets and models may have together; 0 for any number."
    )
    quota_jobs: int = _count(
        0, 10**9, 0, "Jobs of a tenant that may be queued or running at once; 0 for any number."
    )
    features_off: Annotated[str, AfterValidator(_check_features)] = Field(
        "",
        description="What is switched off: nothing new of it is taken, and what was accepted goes on.",
        json_schema_extra={"allowed": ALLOWED},
    )
    trusted_proxies: Annotated[str, AfterValidator(_check_trusted_proxies)] = Field(
        "",
        description="Proxies whose X-Forwarded-For or Forwarded is believed.",
        json_schema_extra={"allowed": "addresses and networks (10.1.0.0/16), separated by commas"},
    )
    slow_client_seconds: float = _seconds(
        0.1,
        3_600,
        30,
        "How long a caller may take for a request's headers, and for its body beyond a second per KiB.",
    )
    cors_origins: Annotated[str, AfterValidator(_check_origins)] = Field(
        "",
        description="Origins whose pages may call the API from a browser; none where it is left out.",
        json_schema_extra={"allowed": "origins (https://app.example.com) separated by commas, or *"},
    )
    tls_cert: Path | None = Field(
        None,
        description="Certificate, with its chain, to serve HTTPS (TLS 1.3) instead of HTTP.",
        json_schema_extra={"allowed": "path of a PEM file, together with PYNOMALY_TLS_KEY"},
    )
    tls_key: Path | None = Field(
        None,
        description="Private key of the certificate, without a password.",
        json_schema_extra={"allowed": "path of a PEM file, together with PYNOMALY_TLS_CERT"},
    )
    proxy_cert: Path | None = Field(
        None,
        description="Certificate that a proxy before the API shows, whose end is told as a metric.",
        json_schema_extra={"allowed": "path of a PEM file; its private key is not needed"},
    )
    shutdown_seconds: float = _seconds(0.1, 3_600, 10, "How long a stopping server may take.")

    @model_validator(mode="after")
    def _fill_from_data_dir(self) -> Self:
        data_dir = self.data_dir.absolute()
        object.__setattr__(self, "data_dir", data_dir)
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{data_dir / 'pynomaly.db'}")
        if not self.storage_url:
            object.__setattr__(self, "storage_url", (data_dir / "objects").as_uri())
        if self.secret_key is None and (kept := _kept_secret(data_dir)):
            object.__setattr__(self, "secret_key", SecretStr(kept))
        return self

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Settings from the environment; `given` (by field name) goes before it.

        What the embedded server provides by itself may be missing; every other process calls `complete`.
        The secret key may also lie in `<data_dir>/secret.key`, where the embedded server keeps it; it and the
        two URLs may lie in files that `<variable>_FILE` names. What the environment does not say may stand in
        the file that `PYNOMALY_SETTINGS_FILE` names.

        Raises:
            SettingsError: something cannot be used; every fault is named.
        """
        secrets, faults = secrets_from_files()
        in_files = {field: secrets.get(environment_variable(field)) for field in _MAY_LIE_IN_FILES}
        variables = {environment_variable(field): field for field in cls.model_fields}
        lines, unusable = settings_from_file(variables)
        faults += unusable
        told = {variables[name]: value for name, value in lines.items() if value}
        told |= {field: secret for field, secret in in_files.items() if secret}
        try:
            settings = cls(**(told | given))
        except ValidationError as error:
            faults += [_sentence(cls, fault) for fault in error.errors(include_url=False)]
            raise SettingsError(faults) from None
        if faults:
            raise SettingsError(faults)
        return settings

    def complete(self) -> Self:
        """These settings, where they name everything that a process of the server needs.

        Raises:
            SettingsError: the broker or the secret key is missing.
        """
        faults = []
        if self.redis_url is None:
            faults.append(
                "REDIS_URL is not set. Set it to the Redis or Valkey that carries the jobs, "
                "or use `pynomaly serve`."
            )
        if self.secret_key is None:
            faults.append(
                "PYNOMALY_SECRET_KEY is not set. Set it to at least 32 random characters, the same for "
                "every process of one server, or use `pynomaly serve`, which makes one."
            )
        if faults:
            raise SettingsError(faults)
        return self

    @property
    def secret(self) -> str:
        """The secret key in plain text; raises `SettingsError` where there is none."""
        key = self.complete().secret_key
        assert key is not None
        return key.get_secret_value()

    @property
    def former_secrets(self) -> tuple[str, ...]:
        """The secret keys that open and verify beside `secret`, as they were named."""
        now = self.secret_key.get_secret_value() if self.secret_key is not None else None
        named = dict.fromkeys(self.secret_key_previous.get_secret_value().split())
        return tuple(secret for secret in named if secret != now)

    @property
    def switched_off(self) -> frozenset[Feature]:
        """The features that are switched off."""
        return switched_off(self.features_off)

    @property
    def rate_limits(self) -> Limits:
        """The limits of callers and senders."""
        return Limits(
            principal=parse_limit("principal", self.rate_limit),
            address=parse_limit("address", self.rate_limit_address),
            login=parse_limit("login", self.rate_limit_login),
        )

    @property
    def broker_url(self) -> str:
        """The broker's address; raises `SettingsError` where there is none."""
        url = self.complete().redis_url
        assert url is not None
        return url


def _kept_secret(data_dir: Path) -> str:
    try:
        return (data_dir / "secret.key").read_text().strip()
    except OSError:
        return ""


def _sentence(settings: type[Settings], fault: Any) -> str:
    """One fault in plain words: the variable, the value, and what is allowed."""
    where = str(fault["loc"][0]) if fault["loc"] else ""
    name = next(
        (field for field in settings.model_fields if where in {field, environment_variable(field)}), where
    )
    field = settings.model_fields.get(name)
    extra = field.json_schema_extra if field is not None else None
    allowed = extra["allowed"] if isinstance(extra, dict) else "something else"
    return f"{environment_variable(name)} is {_shown(name, fault.get('input'))}, but must be {allowed}."


def environment_variable(field: str) -> str:
    """Name of the environment variable of a setting."""
    return _OTHER_VARIABLES.get(field, f"PYNOMALY_{field.upper()}")


def _shown(field: str, value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if field in {"secret_key", "secret_key_previous"}:
        return f"set to {len(str(value))} characters (not shown)"
    return repr(_PASSWORD.sub("***", str(value)))[:_SHOWN_CHARACTERS]
