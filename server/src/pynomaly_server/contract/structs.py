# Generated from openapi/ by `make generate`; do not edit.
"""Types of the contract's requests and responses.

Requests are closed: an unknown field is refused. Responses are open, and their enums are plain strings. A field that a
request may leave out is then its default or None; null in its place is refused unless the contract allows it.
"""

from __future__ import annotations

from datetime import datetime as datetime_aliased
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

T = TypeVar("T")

if TYPE_CHECKING:
    Omissible: TypeAlias = T | None
    """A field that may be left out and is then None. Null is refused."""
else:

    class Omissible:
        """A field that may be left out and is then None. Null is refused: the decoder sees the bare type."""

        def __class_getitem__(cls, kind: Any) -> Any:
            return kind


class ApiKey(Struct, kw_only=True):
    """An API key, without the key itself."""

    key_id: str
    """Id of the key."""
    name: str
    """What it is for."""
    prefix: str
    """How the key begins, to tell it by."""
    scopes: list[str]
    """What it may do; `*` is everything."""
    created_at: datetime_aliased
    """When it was made (UTC)."""
    expires_at: datetime_aliased | None
    """When it stops working (UTC), null for never."""
    revoked_at: datetime_aliased | None
    """When it was revoked (UTC), null while it was not."""
    last_used_at: datetime_aliased | None
    """When it was last used (UTC), to the minute; null for never."""


class ApiKeyList(Struct, kw_only=True):
    """A page of keys, newest first."""

    items: list[ApiKey]
    """The keys."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class AuditEntry(Struct, kw_only=True):
    """One thing that a caller did, or was refused to do."""

    seq: int
    """Its number in the log of the tenant, from 1 on without gaps."""
    time: datetime_aliased
    """When it was done (UTC)."""
    actor: str
    """Who did it: the id of the key or user."""
    action: str
    """The operation."""
    resource: str | None
    """Id of what it was done to, a model's name with the alias or version; null where it is about no single
    thing.
    """
    outcome: str
    """`succeeded`, `refused` (401, 403) or `failed` (any other error)."""
    status: int
    """The HTTP status of the answer."""
    address: str | None
    """Address of the caller, null where it is not known."""
    request_id: str
    """Identifies the request in the logs of the server."""
    previous_hash: str
    """The `hash` of the entry before, in hex; zeros for the first."""
    hash: str
    """HMAC-SHA256 over this entry and `previous_hash`, in hex."""


class AuditLog(Struct, kw_only=True):
    """A page of the audit log, newest first."""

    items: list[AuditEntry]
    """The entries."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class Caller(Struct, kw_only=True):
    """Who is calling."""

    tenant_id: str
    """The tenant whose data the caller sees."""
    subject: str
    """Who it is: the id of the API key, or of the user who logged in."""
    role: str | None
    """The role of the user, null for an API key."""
    scopes: list[str]
    """What the caller may do; `*` is everything."""


class Column(Struct, kw_only=True):
    """How the server read one column of the data."""

    name: str
    """Name of the column."""
    type: str
    """numeric, categorical, boolean, datetime, identifier or text."""
    missing: int
    """Number of missing values."""
    used: bool
    """Whether the model uses the column."""
    note: str | None = None
    """Why it is left out, or how its missing values were handled."""


class ColumnDrift(Struct, kw_only=True):
    """How far one column has moved. What is null could not be compared."""

    name: str
    """Name of the feature, or `scores`."""
    type: str
    """Type of the column; `score` for the scores."""
    n_rows: int
    """Rows that were counted."""
    missing: int
    """Those of them without a value."""
    verdict: str
    """`stable`, `moderate`, `large` or `too-few-rows`."""
    psi: float | None = None
    """Population stability index."""
    psi_by_chance: float | None = None
    """What the index exceeds once in 20 times where nothing has changed."""
    ks: float | None = None
    """Kolmogorov-Smirnov statistic; null for categories, which have no order."""
    ks_by_chance: float | None = None
    """What the statistic exceeds once in 20 times where nothing has changed."""


class Contribution(Struct, kw_only=True):
    """How much one feature made a row stand out."""

    feature: str
    """Name of the column."""
    value: Cell
    """One value of a table."""
    expected: Cell
    """One value of a table."""
    contribution: float
    """Share of this feature in the row's abnormality; the shares of a row sum to 1."""


class Credential(Struct, kw_only=True):
    """A stored credential, without its secrets."""

    credential_id: str
    """Id of the credential."""
    name: str
    """What it is for."""
    kind: str
    """`s3`, `gcs` or `postgresql`."""
    hint: str
    """What to tell it by: the last characters of the access key's id, the service account, or the user."""
    endpoint: str
    """Where it is used."""
    created_at: datetime_aliased
    """When it was stored (UTC)."""
    updated_at: datetime_aliased
    """When it was last replaced (UTC)."""


class CredentialList(Struct, kw_only=True):
    """A page of stored credentials, newest first."""

    items: list[Credential]
    """The credentials."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class Dataset(Struct, kw_only=True):
    """A table stored on the server."""

    dataset_id: str
    """Id of the dataset."""
    name: str | None
    """The caller's name for it."""
    media_type: str
    """Media type it was uploaded in."""
    size_bytes: int
    """Stored size in bytes."""
    n_rows: int
    """Number of rows."""
    n_columns: int
    """Number of columns."""
    created_at: datetime_aliased
    """When it was stored (UTC)."""


class DatasetList(Struct, kw_only=True):
    """A page of datasets, newest first."""

    items: list[Dataset]
    """The datasets."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class DatetimeProfile(Struct, kw_only=True):
    """The first and the last time, as ISO 8601 text in UTC; days where no value has a time of day."""

    min: str
    """The first."""
    max: str
    """The last."""


class DuplicateRows(Struct, kw_only=True):
    """Rows that are equal to an earlier row in every column."""

    count: int
    """How many there are."""
    share: float
    """Their share of all rows."""
    approximate: bool
    """Whether both are estimates, as they are beyond 100,000 different rows."""


class GcsSecrets(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Access to buckets of Google Cloud Storage."""

    service_account_key: Annotated[str, Meta(max_length=16384, min_length=2)]
    """Key of a service account, the whole JSON document as text."""
    endpoint: Annotated[str, Meta(max_length=255, min_length=1)] | None | UnsetType = UNSET
    """Address of the store, without a path; that of Google where null."""


class HealthCheck(Struct, kw_only=True):
    """State of one part."""

    name: str
    """database, broker or workers."""
    status: str
    """`ok` or `down`."""
    detail: str
    """What was found."""
    elapsed_ms: float
    """Time the check took in milliseconds."""


class Histogram(Struct, kw_only=True):
    """Exact counts in up to 20 bins of equal width from the least to the greatest value."""

    edges: list[float]
    """The edges of the bins, one more than there are bins; each bin has its lower edge, the last one both."""
    counts: list[int]
    """How many values each bin has."""


class JobLinks(Struct, kw_only=True):
    """Where to go from here."""

    self: str
    """The job."""
    result: str
    """Its result."""
    events: str
    """Its events."""


class JobProgress(Struct, kw_only=True):
    """How far a job has come."""

    done: int
    """Rows done."""
    total: int | None
    """Rows to do, null while unknown."""
    stage: str
    """`queued`, `reading`, `fitting`, `scoring`, `writing` or `done`."""
    rows_per_second: float | None = None
    """Rows done per second since scoring began, null in other stages and before the first rows."""
    remaining_seconds: float | None = None
    """How long scoring would go on at this rate, in seconds; null where the rate or the total is."""


class Liveness(Struct, kw_only=True):
    """The process is running."""

    status: str
    """Always `ok`."""


class LoginRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who logs in."""

    username: Annotated[str, Meta(max_length=128, min_length=1)]
    """The username, in any case."""
    password: Annotated[str, Meta(max_length=256, min_length=1)]
    """The password."""
    tenant: Annotated[str, Meta(max_length=255, min_length=1)] = "default"
    """Name or id of the user's tenant; the tenant that the server's first start made where it is left out."""


class ModelArtefact(Struct, kw_only=True):
    """The signed file that the model is kept as."""

    sha256: str
    """Its SHA-256 in hex."""
    size_bytes: int
    """Its size."""


class ModelCanary(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A second version behind an alias. Which of the two scores a request follows from its rows alone, so that a
    request that is repeated meets the same version.
    """

    version: Annotated[int, Meta(ge=1, le=999999999)]
    """Number of the second version."""
    share: Annotated[float, Meta(gt=0.0, lt=1.0)]
    """The share of requests that it scores."""


class ModelDrift(Struct, kw_only=True):
    """How far the rows that a version has scored differ from those that it was trained on, as it was counted up
    to some seconds ago.
    """

    model_id: str
    """Id of the model."""
    name: str
    """Name of the model."""
    version: int
    """Number of the version."""
    hours: int
    """How many hours (UTC) are looked at, the present one included."""
    n_rows: int
    """Rows that were counted, those that it scored as a shadow included."""
    n_anomalies: int
    """Those of them predicted anomalous."""
    anomaly_share: float | None
    """Their share, the alert rate; null where no row was counted."""
    n_errors: int
    """Predictions that the version could not make through no fault of the rows."""
    n_skipped: int
    """Rows that came too fast to be counted, or that a shadow could not score."""
    least_rows: int
    """With fewer rows nothing is compared."""
    verdict: str
    """The worst of all columns: `stable`, `moderate` (index of 0.1 or more), `large` (0.25 or more);
    `too-few-rows` where nothing could be compared yet, `no-baseline` where the version was made without what
    rows are compared to.
    """
    psi: float | None
    """The largest population stability index of the features and the scores."""
    ks: float | None
    """The largest Kolmogorov-Smirnov statistic."""
    scores: ColumnDrift | None
    """The drift of the scores; null without a baseline."""
    features: list[ColumnDrift]
    """The drift of each feature, of the first 200 where there are more."""
    first_hour: datetime_aliased | None = None
    """Beginning of the first hour in which something was counted."""
    last_hour: datetime_aliased | None = None
    """Beginning of the last hour in which something was counted."""
    psi_column: str | None = None
    """The column that has it; `scores` for those."""


class ModelMetrics(Struct, kw_only=True):
    """How well a model tells labelled rows apart that it was fitted on, without having seen the labels."""

    n_labelled: int
    """Rows with a label."""
    n_anomalies: int
    """Those of them labelled anomalous."""
    roc_auc: float | None
    """Area under the ROC curve; null where all labels are the same."""
    average_precision: float | None
    """Average precision; null where no label says anomalous."""
    precision: float | None
    """Share of labelled anomalies among labelled rows predicted anomalous; null where none is."""
    recall: float | None
    """Share of labelled anomalies that are predicted; null where there is none."""


class ModelOrigin(Struct, kw_only=True):
    """Where an imported version was trained."""

    model_id: str
    """Id of the model there."""
    name: str
    """Name of the model there."""
    version: int
    """Number of the version there."""
    created_at: datetime_aliased
    """When it was made there (UTC)."""
    signed_by: str
    """Public key of the installation that signed the package."""


class ModelValidation(Struct, kw_only=True):
    """How a version did on rows that it was not fitted on, against the version that it was to replace."""

    version: int
    """The version before."""
    n_rows: int
    """Rows that were held out."""
    agreement: float
    """Share of them of which both predict the same."""
    anomaly_share: float
    """Share of them predicted anomalous."""
    anomaly_share_before: float
    """The same of the version before."""
    passed: bool
    """Whether that was enough."""
    detail: str
    """Why."""
    average_precision: float | None = None
    """Average precision; null where no label says anomalous."""
    average_precision_before: float | None = None
    """The same of the version before."""


class ModelVersionSummary(Struct, kw_only=True):
    """A version of a model in short."""

    version: int
    """Its number."""
    algorithm: str
    """The algorithm's canonical name."""
    contamination: float
    """The contamination the threshold was set for."""
    n_rows: int
    """Rows of the training data."""
    metrics: ModelMetrics | None
    """How well it tells the labelled rows apart; null where there were no labels."""
    aliases: list[str]
    """The aliases that point at it."""
    artefact: ModelArtefact
    """The signed file that the model is kept as."""
    job_id: str
    """The job that made it."""
    created_at: datetime_aliased
    """When it was made (UTC)."""
    created_by: str
    """Id of the key or user that had it trained."""


class NewApiKey(Struct, kw_only=True):
    """A key that was just made; nothing can show it a second time."""

    key: str
    """The key itself: keep it where secrets are kept."""
    api_key: ApiKey
    """An API key, without the key itself."""


class NumericProfile(Struct, kw_only=True):
    """The shape of a column's numbers."""

    min: float
    """The least."""
    max: float
    """The greatest."""
    mean: float | None
    """The mean; null where it overflows."""
    std: float | None
    """The standard deviation with n - 1 below the line; null for a single value, or where it overflows."""
    q1: float
    """A quarter of the values lies below."""
    median: float
    """Half of the values lies below."""
    q3: float
    """Three quarters of the values lie below."""
    quartiles_approximate: bool
    """Whether the quartiles come from a uniform sample of the rows."""
    zeros: int
    """How many values are zero."""
    histogram: Histogram
    """Exact counts in up to 20 bins of equal width from the least to the greatest value."""


class PasswordChange(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Another password for the user who calls."""

    current_password: Annotated[str, Meta(max_length=256, min_length=1)]
    """The password as it is, so that a token alone changes nothing."""
    new_password: NewPassword
    """The password, 12 characters at least; stored as an argon2id hash alone."""


class PostgresqlSecrets(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Access to the databases of one PostgreSQL server. It is for this host and port alone, so that nobody can
    have the password sent elsewhere by naming another in a job.
    """

    host: Annotated[str, Meta(max_length=253, min_length=1)]
    """Name or address of the server, one alone."""
    user: Annotated[str, Meta(max_length=63, min_length=1, pattern="^[^\\x00-\\x1f\\x7f]+\\Z")]
    """Name of the user."""
    password: Annotated[str, Meta(max_length=1024, min_length=1, pattern="^[^\\x00]+\\Z")]
    """Password of the user."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 5432
    """Its port."""
    sslmode: Literal["verify-full", "disable"] = "verify-full"
    """`verify-full` encrypts and checks the certificate and the name in it; `disable` does neither and is for
    servers that the operator allows.
    """
    ca_certificate: Annotated[str, Meta(max_length=65536, min_length=1)] | None | UnsetType = UNSET
    """Certificates, in PEM, of the authorities to trust with `verify-full`; the usual ones where null."""


class ProblemItem(Struct, kw_only=True):
    """One fault in the input."""

    pointer: str
    """JSON pointer (RFC 6901) to the faulty part of the body, or `?name` for a query parameter."""
    detail: str
    """What is wrong with it."""


class QuotaUse(Struct, kw_only=True):
    """What is used of one quota."""

    used: int
    """What is used."""
    quota: int | None
    """What may be used, null for as much as one likes."""


class RefreshRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A refresh token."""

    refresh_token: Annotated[str, Meta(max_length=256, min_length=1)]
    """The refresh token (`pyr_…`) as it was given."""


class RemoteSource(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table that the worker reads with a stored credential."""

    url: Annotated[str, Meta(max_length=2048, min_length=1)]
    """Where it is: `s3://bucket/key` or `gs://bucket/key`, the key as it is, without %XX; or
    `postgresql://host:port/database`, the host and port being those of the credential.
    """
    credential_id: Annotated[str, Meta(pattern="^crd_[0-9a-f]{32}\\Z")]
    """Id of the stored credential."""
    table: (
        Annotated[
            str,
            Meta(
                max_length=127,
                min_length=1,
                pattern="^[^.\\x00-\\x1f\\x7f]{1,63}(\\.[^.\\x00-\\x1f\\x7f]{1,63})?\\Z",
            ),
        ]
        | None
        | UnsetType
    ) = UNSET
    """The table or view of a PostgreSQL database, `name` or `schema.name`; its rows come in no certain order.
    """
    query: (
        Annotated[str, Meta(max_length=20000, min_length=1, pattern="^[^\\x00]+\\Z")] | None | UnsetType
    ) = UNSET
    """A single SELECT for a PostgreSQL database, in place of `table`; it runs in a transaction that only reads.
    """


class RetrainingRule(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When an alias is trained anew and what its new versions are held to. Without `when_psi_over` and
    `every_hours` it is by `retrainModel` alone.
    """

    dataset_name: Annotated[str, Meta(max_length=255, min_length=1)]
    """The newest dataset of this name is trained on; it has the columns of the training before."""
    when_psi_over: Omissible[Annotated[float, Meta(gt=0.0, le=100.0)]] = None
    """Train when the largest population stability index of the last 24 hours is over this."""
    every_hours: Omissible[Annotated[int, Meta(ge=1, le=8760)]] = None
    """Train when so many hours have passed since the last time."""
    rest_hours: Annotated[int, Meta(ge=1, le=8760)] = 24
    """Drift has no second training made before so many hours have passed."""
    holdout_share: Annotated[float, Meta(ge=0.05, le=0.5)] = 0.2
    """Share of the rows that is held out of the fit, to compare the new version with the present one."""
    least_agreement: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.9
    """Share of the rows held out of which both versions must predict the same; where they have labels of both
    kinds, average precision decides instead.
    """
    watch_hours: Annotated[int, Meta(ge=1, le=720)] = 24
    """How many hours a new version is watched after the alias has moved to it."""
    most_alert_rise: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.05
    """The alias is taken back when the share of rows predicted anomalous is higher than before by more than
    this.
    """
    most_errors: Annotated[int, Meta(ge=1, le=1000000)] = 5
    """The alias is taken back when the new version has failed so many predictions."""


class RotateApiKeyRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a key is replaced."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=2592000)] = 86400
    """How long the old key goes on working, in seconds."""


class RowExplanation(Struct, kw_only=True):
    """Why a row stands out."""

    row: int
    """Position of the row in the data."""
    contributions: list[Contribution]
    """Features by contribution, largest first; contributions sum to 1."""


class S3Secrets(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Access to buckets of Amazon S3, or of another store that speaks its protocol."""

    access_key_id: Annotated[str, Meta(max_length=128, min_length=1, pattern="^[!-~]+\\Z")]
    """Id of the access key."""
    secret_access_key: Annotated[str, Meta(max_length=256, min_length=1, pattern="^[!-~]+\\Z")]
    """The secret of the access key."""
    session_token: (
        Annotated[str, Meta(max_length=4096, min_length=1, pattern="^[!-~]+\\Z")] | None | UnsetType
    ) = UNSET
    """Token of a temporary access key."""
    region: Annotated[str, Meta(max_length=64, min_length=1, pattern="^[a-z0-9-]+\\Z")] = "us-east-1"
    """Region of the buckets."""
    endpoint: Annotated[str, Meta(max_length=255, min_length=1)] | None | UnsetType = UNSET
    """Address of the store, such as `https://minio.example.com`, without a path; that of Amazon S3 in the region
    where null.
    """


class ScoringModel(Struct, kw_only=True):
    """The version of a model that scored."""

    model_id: str
    """Id of the model."""
    name: str
    """Its name."""
    version: int
    """Number of the version."""
    alias: str | None
    """The alias it was asked for by, null otherwise."""


class SeriesExpectation(Struct, kw_only=True):
    """The value a method expects and the bounds it allows, one per row in the order of the rows. With several
    features they are those of the feature that makes the row stand out most.
    """

    feature: list[str]
    """The feature that the figures of a row are about."""
    expected: list[float | None]
    """The value expected, null where the method has no opinion."""
    lower: list[float | None]
    """The lower bound of usual values."""
    upper: list[float | None]
    """The upper bound of usual values."""


class SeriesPoint(Struct, kw_only=True):
    """The value a method expects of one row and the bounds it allows. With several features they are those of
    the feature that makes the row stand out most.
    """

    feature: str
    """The feature that the figures are about."""
    expected: float | None
    """The value expected, null where the method has no opinion."""
    lower: float | None
    """The lower bound of usual values."""
    upper: float | None
    """The upper bound of usual values."""


class SuggestedThreshold(Struct, kw_only=True):
    """A threshold, and what it would have done on the labelled rows."""

    threshold: float
    """On the scale of the version's own scores, as `setModelAlias` takes it."""
    precision: float
    """Share of anomalies among labelled rows at or above it."""
    recall: float
    """Share of labelled anomalies at or above it."""


class TokenPair(Struct, kw_only=True):
    """An access token, and the refresh token that gets the next one."""

    access_token: str
    """The access token, a JWT: send it as `Authorization: Bearer <token>`."""
    token_type: str
    """Always `Bearer`."""
    expires_in: int
    """Seconds for which the access token is good."""
    refresh_token: str
    """Works once, for the next pair; keep it where secrets are kept."""
    refresh_expires_at: datetime_aliased
    """When the session ends (UTC) and the user has to log in again."""


class TrainedVersion(Struct, kw_only=True):
    """The version of a model that a training made."""

    model_id: str
    """Id of the model."""
    name: str
    """Its name."""
    version: int
    """Number of the version."""


class TrainingData(Struct, kw_only=True):
    """What a version was trained on."""

    sha256: str
    """SHA-256 in hex over the SHA-256 of each source's bytes, in their order."""
    n_rows: int
    """Rows of all sources."""
    n_fitted_rows: int
    """Rows that the model was fitted on; fewer where a sample was drawn."""
    sources: list[str]
    """Ids of datasets, and addresses."""


class Usage(Struct, kw_only=True):
    """What a tenant has used of its quotas."""

    month: str
    """The month (UTC) that `requests` and `rows` are counted in, such as 2026-11."""
    requests: QuotaUse
    """What is used of one quota."""
    rows: QuotaUse
    """What is used of one quota."""
    stored_bytes: QuotaUse
    """What is used of one quota."""
    jobs: QuotaUse
    """What is used of one quota."""


class User(Struct, kw_only=True):
    """A user, without the password."""

    user_id: str
    """Id of the user."""
    username: str
    """Name to log in with."""
    role: str
    """viewer, analyst, operator or admin."""
    created_at: datetime_aliased
    """When the user was made (UTC)."""
    disabled_at: datetime_aliased | None
    """When the user was disabled (UTC), null while that is not so."""
    last_login_at: datetime_aliased | None
    """When the user last logged in (UTC), null for never."""


class UserChanges(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is to change in a user."""

    password: Omissible[NewPassword] = None
    """The password, 12 characters at least; stored as an argon2id hash alone."""
    role: Omissible[Role] = None
    """What a user may do: a `viewer` reads, an `analyst` also detects and submits jobs, an `operator` also runs
    what serves the tenant, an `admin` may everything. docs/access.md has the scopes of each.
    """
    disabled: Omissible[bool] = None
    """Whether the user is kept from logging in."""


class UserList(Struct, kw_only=True):
    """A page of users, newest first."""

    items: list[User]
    """The users."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class ValueCount(Struct, kw_only=True):
    """A value and how often it is there."""

    value: Cell
    """One value of a table."""
    count: int
    """How often it is there."""


class Warning(Struct, kw_only=True):
    """Something the caller should know about an otherwise good answer."""

    code: str
    """Stable name of the kind of warning."""
    detail: str
    """The warning in words."""
    column: str | None = None
    """The column it is about."""


class WebhookAttempt(Struct, kw_only=True):
    """One attempt to deliver a message."""

    number: int
    """1 for the first attempt."""
    started_at: datetime_aliased
    """When it began (UTC)."""
    duration_ms: float | None
    """How long it took in milliseconds; null while it is under way, or where the sender was stopped."""
    status: int | None
    """The HTTP status answered, null where no answer came."""
    error: str | None
    """Why it does not count as delivered; null where it does, or is under way."""


class WebhookDelivery(Struct, kw_only=True):
    """One message to one endpoint, and how sending it went."""

    delivery_id: str
    """Id of the delivery; the header `webhook-id` of each attempt."""
    endpoint_id: str
    """The endpoint."""
    event_type: str
    """The message's `type`, such as `job.succeeded`."""
    job_id: str | None
    """The job it is about, null for a test message."""
    state: str
    """`pending`, `delivered`, or `failed` once no attempt is left."""
    created_at: datetime_aliased
    """When the job ended (UTC)."""
    next_attempt_at: datetime_aliased | None
    """When it is tried next (UTC); null where it is not pending."""
    finished_at: datetime_aliased | None
    """When it was delivered or given up (UTC)."""
    attempts: list[WebhookAttempt]
    """The latest 20 attempts, oldest first."""


class WebhookDeliveryList(Struct, kw_only=True):
    """A page of deliveries, newest first."""

    items: list[WebhookDelivery]
    """The deliveries."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class WebhookEndpoint(Struct, kw_only=True):
    """An address that is told when jobs end."""

    endpoint_id: str
    """Id of the endpoint."""
    url: str
    """Where messages are posted."""
    description: str
    """A note for people."""
    event_types: list[str]
    """What it is told of, such as `job.succeeded`."""
    enabled: bool
    """Whether messages are sent."""
    disabled_reason: str | None
    """Why it is disabled: `requested`, `gone` after it answered 410, or `failing` after nothing had arrived for
    five days.
    """
    disabled_at: datetime_aliased | None
    """When it was disabled (UTC); null while it is enabled."""
    failing_since: datetime_aliased | None
    """Since when no attempt has arrived (UTC); null where the latest one did."""
    created_at: datetime_aliased
    """When it was created (UTC)."""
    previous_secret_until: datetime_aliased | None
    """Until when messages are signed by the secret before, too (UTC); null where there is none."""


class WebhookEndpointList(Struct, kw_only=True):
    """A page of webhook endpoints, newest first."""

    items: list[WebhookEndpoint]
    """The endpoints."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class WebhookEndpointSecret(Struct, kw_only=True):
    """An endpoint and the secret that verifies its messages; this answer is the only one that shows it."""

    endpoint: WebhookEndpoint
    """An address that is told when jobs end."""
    secret: str
    """`whsec_` and 32 bytes in base64."""


class Windows(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Turns an algorithm on rows into one on time series: it learns from windows of consecutive rows and scores
    them.
    """

    length: Annotated[int, Meta(ge=2, le=1000)] = 16
    """Rows of a window."""
    stride: Annotated[int, Meta(ge=1, le=1000)] = 1
    """A window starts every so many rows; at most the length."""
    normalise: Literal["none", "series", "window"] = "series"
    """Brings every column to mean 0 and deviation 1 within each `series`, within each `window` (only its shape
    counts then), or not at all (`none`).
    """
    combine: Literal["mean", "last"] = "mean"
    """How windows make a row's score: the `mean` over those that hold it, or the `last` one that has ended by
    then, which knows nothing of later rows.
    """


class Algorithm(Struct, kw_only=True):
    """One algorithm on offer."""

    name: str
    """Canonical name."""
    title: str
    """Name for people."""
    description: str
    """What it finds and when to use it."""
    reference: str
    """The paper it comes from."""
    aliases: list[str]
    """Other names that are accepted."""
    parameters: ParameterSchema
    """JSON Schema (draft 2020-12) of the `parameters` this algorithm takes, with defaults."""
    capabilities: list[str]
    """What it can do, e.g. `seeded` or `exact-explanations`."""
    cost: str
    """Cost class: low, medium or high."""
    complexity: str
    """How time grows with rows and columns."""
    min_rows: int
    """Fewest rows it can learn from."""
    available: bool
    """Whether this server can run it; if not, `algorithm-unavailable` says what to install."""


class AlgorithmList(Struct, kw_only=True):
    """Every algorithm on offer."""

    items: list[Algorithm]
    """The algorithms by name."""
    next_cursor: str | None
    """Always null: the list comes whole."""


class ColumnProfile(Struct, kw_only=True):
    """What one column holds."""

    name: str
    """Name of the column."""
    type: str
    """The type that detection would guess: numeric, categorical, boolean, datetime, identifier or text."""
    missing: int
    """Missing values, NaN among them."""
    missing_share: float
    """Their share of the rows."""
    distinct: int
    """Number of different values that are not missing."""
    distinct_approximate: bool
    """Whether `distinct` is an estimate, as it is beyond some thousand different values (in narrow tables
    100,000); its standard error is at most 1.6 %.
    """
    constant: bool
    """Whether all values that are not missing are the same."""
    identifier: bool
    """Whether the column tells rows apart, and is kept out of a model."""
    numeric: NumericProfile | None = None
    """The shape of the numbers of a numeric column that has any."""
    datetime: DatetimeProfile | None = None
    """The extremes of a datetime column."""
    top_values: list[ValueCount] | None = None
    """The up to 10 most frequent values of a categorical, boolean or text column, with exact counts."""


class CreateApiKeyRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A key to be made."""

    name: Annotated[str, Meta(max_length=255, min_length=1, pattern="^[^\\x00-\\x1f\\x7f-\\x9f]+\\Z")]
    """What the key is for, for people to read; no control characters."""
    scopes: Scopes
    """What a key may do, such as `detect:run`; `*` is everything. Each operation says which scopes it needs.
    """
    expires_at: datetime_aliased | None | UnsetType = UNSET
    """When the key stops working (UTC); null for never."""


class CredentialRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A credential to be stored, of the kind whose secrets are given; exactly one of them is."""

    name: Annotated[str, Meta(max_length=255, min_length=1, pattern="^[^\\x00-\\x1f\\x7f-\\x9f]+\\Z")]
    """What the credential is for, for people to read; no control characters."""
    s3: Omissible[S3Secrets] = None
    """Access to buckets of Amazon S3, or of another store that speaks its protocol."""
    gcs: Omissible[GcsSecrets] = None
    """Access to buckets of Google Cloud Storage."""
    postgresql: Omissible[PostgresqlSecrets] = None
    """Access to the databases of one PostgreSQL server. It is for this host and port alone, so that nobody can
    have the password sent elsewhere by naming another in a job.
    """


class DatasetProfile(Struct, kw_only=True):
    """What a dataset holds."""

    dataset_id: str
    """Id of the dataset."""
    n_rows: int
    """Number of rows."""
    n_columns: int
    """Number of columns."""
    columns: list[ColumnProfile]
    """The columns in their order."""
    duplicate_rows: DuplicateRows
    """Rows that are equal to an earlier row in every column."""
    warnings: list[Warning]
    """What the owner should know: `empty-column`, `constant-column`, `numbers-as-text`, `date-out-of-range`.
    """


class DetectionResult(Struct, kw_only=True):
    """Scores and predictions, one of each per row, in the order of the rows."""

    predictions: list[int]
    """1 for an anomaly, 0 for a normal row; 1 exactly where the score is at least 0.5."""
    scores: list[float]
    """Calibrated scores in [0, 1]; higher is more abnormal."""
    threshold: float
    """Decision threshold on the algorithm's raw score."""
    contamination: float
    """The contamination the threshold was set for."""
    n_rows: int
    """Number of rows."""
    n_anomalies: int
    """Number of rows predicted anomalous."""
    feature_names: list[str]
    """The columns the model used."""
    columns: list[Column]
    """How each column was read."""
    identifiers: Identifiers
    """Values of the identifier columns, which the model does not use, by column name."""
    algorithm: str
    """The algorithm's canonical name."""
    warnings: list[Warning]
    """What the caller should know."""
    source: str
    """`server`, or `fallback` where a client answered by itself."""
    elapsed_ms: float
    """Time the server spent on detection in milliseconds."""
    confidence: list[float] | None = None
    """Probability per row that its prediction would stay the same under a refit."""
    explanations: list[RowExplanation] | None = None
    """Explanations of the rows asked for, in the order of the rows."""
    series: SeriesExpectation | None = None
    """What the method expects of the rows as time series; null where it has no expectations."""
    model: ScoringModel | None = None
    """The trained model that scored; null where one was fitted to the rows."""


class Health(Struct, kw_only=True):
    """State of the server and of what it depends on."""

    status: str
    """`ok`; `degraded` where detection works but jobs are held up; `down` where the database cannot be reached.
    """
    version: str
    """Version of the server."""
    checks: list[HealthCheck]
    """One entry per part."""


class ModelAlias(Struct, kw_only=True):
    """A name for a version."""

    alias: str
    """The name."""
    version: int
    """The version it points at."""
    changed_at: datetime_aliased
    """Since when it does (UTC)."""
    changed_by: str
    """Id of the key or user that pointed it there."""
    canary: ModelCanary | None = None
    """A second version that scores a share of the requests; null where there is none."""
    shadow: int | None = None
    """A version that scores the same rows after the answer, for its figures alone; null where there is none.
    """
    threshold: float | None = None
    """The least score, on the scale of the version's own scores, of rows that are predicted anomalous through
    the alias; null where the version's own threshold holds.
    """


class ModelAliasChange(Struct, kw_only=True):
    """One change of an alias."""

    version: int
    """The version it was pointed at."""
    rollback: bool
    """Whether that was a step back."""
    changed_at: datetime_aliased
    """When (UTC)."""
    changed_by: str
    """Id of the key or user that did it."""
    canary: ModelCanary | None = None
    """A second version that scores a share of the requests; null where there is none."""
    shadow: int | None = None
    """A version that scores the same rows after the answer, for its figures alone; null where there is none.
    """
    threshold: float | None = None
    """The least score, on the scale of the version's own scores, of rows that are predicted anomalous through
    the alias; null where the version's own threshold holds.
    """
    reason: str | None = None
    """Why, where the server did it by itself."""


class ModelAliasHistory(Struct, kw_only=True):
    """Where an alias points, and where it pointed before."""

    alias: str
    """The name."""
    version: int
    """The version it points at."""
    changed_at: datetime_aliased
    """Since when it does (UTC)."""
    changed_by: str
    """Id of the key or user that pointed it there."""
    history: list[ModelAliasChange]
    """Its changes, newest first, the present one included; at most the newest 1,000."""
    canary: ModelCanary | None = None
    """A second version that scores a share of the requests; null where there is none."""
    shadow: int | None = None
    """A version that scores the same rows after the answer, for its figures alone; null where there is none.
    """
    threshold: float | None = None
    """The least score, on the scale of the version's own scores, of rows that are predicted anomalous through
    the alias; null where the version's own threshold holds.
    """


class ModelAliasTarget(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where an alias is to point. What is left out is not there afterwards; `canary` and `shadow` exclude each
    other.
    """

    version: Annotated[int, Meta(ge=1, le=999999999)]
    """Number of the version."""
    canary: Omissible[ModelCanary] = None
    """A second version behind an alias. Which of the two scores a request follows from its rows alone, so that a
    request that is repeated meets the same version.
    """
    shadow: Omissible[Annotated[int, Meta(ge=1, le=999999999)]] = None
    """Number of a version that scores the same rows after the answer, for its figures alone."""
    threshold: Omissible[Annotated[float, Meta(gt=0.0, lt=1.0)]] = None
    """The least score of rows that are predicted anomalous through the alias, on the scale of the version's own
    scores, where 0.5 is the threshold it was trained with. Scores through the alias are mapped so that 0.5 is
    the border there as well.
    """


class ModelFeedback(Struct, kw_only=True):
    """What the labels that were given for a version say of it."""

    model_id: str
    """Id of the model."""
    name: str
    """Name of the model."""
    version: int
    """Number of the version."""
    alias: str | None
    """The alias it was asked for by, null otherwise."""
    threshold: float
    """The threshold that holds, that of the alias where it has one, on the scale of the version's own scores.
    """
    n_labels: int
    """Labelled rows that are kept; at most the newest 10"""
    n_anomalies: int
    """Those of them labelled anomalous."""
    n_predicted: int
    """Those of them that score at least the threshold."""
    precision: float | None
    """Share of anomalies among labelled rows that are predicted; null where none is."""
    recall: float | None
    """Share of labelled anomalies that are predicted; null where there is none, or where no row below the
    threshold has a label, so that nobody knows what was missed.
    """
    suggested: SuggestedThreshold | None
    """The threshold with the best F1 on the labelled rows; null until there are labels of both kinds."""


class ModelRetraining(Struct, kw_only=True):
    """The rule of an alias, and what it is about."""

    alias: str
    """The alias."""
    rule: RetrainingRule
    """When an alias is trained anew and what its new versions are held to. Without `when_psi_over` and
    `every_hours` it is by `retrainModel` alone.
    """
    state: str
    """`idle`, `training`, or `watching` the version that the alias has moved to."""
    created_by: str
    """Id of the key or user that made the rule."""
    changed_at: datetime_aliased
    """When the rule was made or changed (UTC)."""
    job_id: str | None = None
    """The job of the last training by it."""
    watched_version: int | None = None
    """The version that is watched."""
    watch_until: datetime_aliased | None = None
    """Until when it is (UTC)."""
    last_run_at: datetime_aliased | None = None
    """When the last training began (UTC)."""
    last_outcome: str | None = None
    """What happened last, and why."""


class ModelVersion(Struct, kw_only=True):
    """A version of a model. Nothing but its aliases ever changes."""

    model_id: str
    """Id of the model."""
    name: str
    """Name of the model."""
    version: int
    """Its number."""
    algorithm: str
    """The algorithm's canonical name."""
    parameters: FittedParameters
    """All parameters of the algorithm, those that were left to their defaults included."""
    contamination: float
    """The contamination the threshold was set for."""
    threshold: float
    """Decision threshold on the algorithm's raw score."""
    random_state: int
    """Seed of the algorithm."""
    feature_names: list[str]
    """The columns the model uses."""
    columns: list[Column]
    """The columns of the training data without the label; rows to be scored have the same."""
    label_column: str | None
    """The column of labels, null where there was none."""
    data: TrainingData
    """What a version was trained on."""
    profile: list[ColumnProfile]
    """What each column held in the rows that the model was fitted on."""
    metrics: ModelMetrics | None
    """How well it tells the labelled rows apart; null where there were no labels."""
    warnings: list[Warning]
    """What its owner should know."""
    libraries: Libraries
    """Versions of the libraries that it was made with."""
    artefact: ModelArtefact
    """The signed file that the model is kept as."""
    aliases: list[str]
    """The aliases that point at it now."""
    job_id: str
    """The job that trained it."""
    created_at: datetime_aliased
    """When it was made here (UTC)."""
    created_by: str
    """Id of the key or user that had it trained or imported it."""
    validation: ModelValidation | None = None
    """How it did against the version that it was trained to replace; null where it was trained for itself."""
    imported: ModelOrigin | None = None
    """Where it was trained, for a version that was imported; null for one that was trained here."""


class ModelVersionList(Struct, kw_only=True):
    """A page of versions, newest first."""

    items: list[ModelVersionSummary]
    """The versions."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class Problem(Struct, kw_only=True):
    """What went wrong, where, and what to do about it (RFC 9457)."""

    type: str
    """The registered URI of this kind of problem."""
    title: str
    """The kind of problem, the same words every time."""
    status: int
    """The HTTP status."""
    detail: str
    """What was wrong this time, where, and what to do."""
    code: str
    """Stable name of the kind of problem, for programs."""
    request_id: str
    """Identifies this request in the server's logs."""
    trace_id: str | UnsetType = UNSET
    """Trace that the request, or the job, belongs to (W3C Trace Context); also in the server's logs."""
    errors: list[ProblemItem] | UnsetType = UNSET
    """Every fault found in the input, where the problem is one of validation."""


class ResultRow(Struct, kw_only=True):
    """Result of one row."""

    row: int
    """Position of the row over all data sources."""
    score: float
    """Calibrated score."""
    prediction: int
    """1 for an anomaly."""
    identifiers: RowIdentifiers
    """Values of the identifier columns in this row."""
    confidence: float | None = None
    """Probability that the prediction would stay the same under a refit."""
    series: SeriesPoint | None = None
    """What the method expects of the row as a point of a time series; null where it has no expectations."""
    explanation: list[Contribution] | None = None
    """Features by contribution where the row was explained."""


class ResultSummary(Struct, kw_only=True):
    """What holds for the whole result."""

    algorithm: str
    """The algorithm's canonical name."""
    threshold: float
    """Decision threshold on the raw score."""
    contamination: float
    """The contamination the threshold was set for."""
    n_rows: int
    """Number of rows."""
    n_anomalies: int
    """Number of rows predicted anomalous."""
    feature_names: list[str]
    """The columns the model used."""
    columns: list[Column]
    """How each column was read."""
    warnings: list[Warning]
    """What the caller should know."""
    elapsed_ms: float
    """Time from start to end of the attempt in milliseconds."""
    model: ScoringModel | None = None
    """The version that scored, where a trained model did; null otherwise."""


class TrainingRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rows to learn from, how to learn, and the name of the model. Either `data` or `data_sources` is given."""

    name: ModelName
    """Name of a model: lower-case letters, digits, dots, hyphens and underscores, from a letter or digit to a
    letter or digit.
    """
    data_sources: Omissible[Annotated[list[DataSource], Meta(max_length=16, min_length=1)]] = None
    """The tables, all with the same columns; their rows are taken one after the other."""
    data: Omissible[list[Row]] = None
    """The rows, all arrays or all objects. The server's row limit (413) points to uploads."""
    column_names: Omissible[
        Annotated[list[Annotated[str, Meta(max_length=256, min_length=1)]], Meta(max_length=10000)]
    ] = None
    """Names of the columns where the rows in `data` are arrays."""
    label_column: Omissible[Annotated[str, Meta(max_length=256, min_length=1)]] = None
    """The column that says of rows whether they are anomalous: true or 1, false or 0, empty where that is not
    known. It makes the version's metrics and is no feature.
    """
    algorithm: AlgorithmName = "isolation_forest"
    """Name or alias of an algorithm, see `GET /algorithms`."""
    parameters: Omissible[Parameters] = None
    """Parameters of the algorithm, see its JSON Schema at `GET /algorithms/{name}`."""
    ensemble_methods: Omissible[EnsembleMethods] = None
    """Algorithms, by name or alias, that score together as the algorithm `ensemble`; `parameters` are then those
    of `ensemble`.
    """
    contamination: Contamination = 0.1
    """The share of rows expected to be anomalous, which sets the decision threshold; `auto` finds it from the
    scores.
    """
    features: Omissible[Features] = None
    """The columns the model may use; every usable column where it is left out."""
    column_types: Omissible[ColumnTypes] = None
    """Says the type of columns where the server should not guess, by column name."""
    random_state: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    """Seed of the algorithm; the same seed and data give the same scores."""


class UserCreation(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A user to be made."""

    username: Username
    """Name to log in with, in lower case; an email address will do. No two users of a tenant share one."""
    password: NewPassword
    """The password, 12 characters at least; stored as an argon2id hash alone."""
    role: Role
    """What a user may do: a `viewer` reads, an `analyst` also detects and submits jobs, an `operator` also runs
    what serves the tenant, an `admin` may everything. docs/access.md has the scopes of each.
    """


class WebhookEndpointChanges(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is to change in a webhook endpoint."""

    url: Omissible[WebhookUrl] = None
    """Where messages are posted, an https URL of a public host without user or password."""
    description: Omissible[Annotated[str, Meta(max_length=255)]] = None
    """A note for people."""
    event_types: Omissible[WebhookEventTypes] = None
    """What the endpoint is told of."""
    enabled: Omissible[bool] = None
    """Whether messages are sent."""


class WebhookEndpointCreation(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A new webhook endpoint."""

    url: WebhookUrl
    """Where messages are posted, an https URL of a public host without user or password."""
    description: Annotated[str, Meta(max_length=255)] = ""
    """A note for people."""
    event_types: Omissible[WebhookEventTypes] = None
    """What the endpoint is told of; every end of a job where it is left out."""


class BatchDetectionRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Datasets and how to look for anomalies among their rows."""

    data_sources: Annotated[list[DataSource], Meta(max_length=16, min_length=1)]
    """The tables, all with the same columns; their rows are taken one after the other."""
    model_id: Omissible[ModelReference] = None
    """A trained model that scores the rows instead of one fitted to them. The version that the reference means
    when the job is submitted scores all of them; behind an alias that shares its requests that is the alias'
    own. Needs the scope `models:use` besides; options of the fit are then refused.
    """
    algorithm: AlgorithmName = "isolation_forest"
    """Name or alias of an algorithm, see `GET /algorithms`."""
    parameters: Omissible[Parameters] = None
    """Parameters of the algorithm, see its JSON Schema at `GET /algorithms/{name}`."""
    ensemble_methods: Omissible[EnsembleMethods] = None
    """Algorithms, by name or alias, that score together as the algorithm `ensemble`; `parameters` are then those
    of `ensemble`.
    """
    contamination: Contamination = 0.1
    """The share of rows expected to be anomalous, which sets the decision threshold; `auto` finds it from the
    scores.
    """
    features: Omissible[Features] = None
    """The columns the model may use; every usable column where it is left out."""
    column_types: Omissible[ColumnTypes] = None
    """Says the type of columns where the server should not guess, by column name."""
    timestamp_column: Omissible[TimestampColumn] = None
    """The column that says when each row was measured. The rows are then taken as time series: a row's score may
    depend on the rows around it. The column itself is no feature.
    """
    series_column: Omissible[SeriesColumn] = None
    """The column that says which series a row belongs to, where a table holds several. No feature either."""
    windows: Omissible[Windows] = None
    """Turns an algorithm on rows into one on time series: it learns from windows of consecutive rows and scores
    them.
    """
    return_confidence: bool = False
    """Whether the result has `confidence`."""
    include_explanations: bool = False
    """Whether anomalous rows are explained in the result."""
    random_state: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    """Seed of the algorithm; the same seed and data give the same scores."""
    output_format: Literal["json", "ndjson", "csv", "parquet", "excel"] = "json"
    """Format of the result where the caller of `getJobResult` names none."""


class DetectionRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rows and how to look for anomalies among them."""

    data: list[Row]
    """The rows, all arrays or all objects. The server's row limit (413) points to the batch operation."""
    column_names: Omissible[
        Annotated[list[Annotated[str, Meta(max_length=256, min_length=1)]], Meta(max_length=10000)]
    ] = None
    """Names of the columns where rows are arrays."""
    model_id: Omissible[ModelReference] = None
    """A trained model that scores the rows instead of one fitted to them, as in `predictWithModel`. Needs the
    scope `models:use`; options of the fit are then refused.
    """
    algorithm: AlgorithmName = "isolation_forest"
    """Name or alias of an algorithm, see `GET /algorithms`."""
    parameters: Omissible[Parameters] = None
    """Parameters of the algorithm, see its JSON Schema at `GET /algorithms/{name}`."""
    ensemble_methods: Omissible[EnsembleMethods] = None
    """Algorithms, by name or alias, that score together as the algorithm `ensemble`; `parameters` are then those
    of `ensemble`.
    """
    contamination: Contamination = 0.1
    """The share of rows expected to be anomalous, which sets the decision threshold; `auto` finds it from the
    scores.
    """
    features: Omissible[Features] = None
    """The columns the model may use; every usable column where it is left out."""
    column_types: Omissible[ColumnTypes] = None
    """Says the type of columns where the server should not guess, by column name."""
    timestamp_column: Omissible[TimestampColumn] = None
    """The column that says when each row was measured. The rows are then taken as time series: a row's score may
    depend on the rows around it. The column itself is no feature.
    """
    series_column: Omissible[SeriesColumn] = None
    """The column that says which series a row belongs to, where a table holds several. No feature either."""
    windows: Omissible[Windows] = None
    """Turns an algorithm on rows into one on time series: it learns from windows of consecutive rows and scores
    them.
    """
    return_confidence: bool = False
    """Whether to return `confidence`."""
    include_explanations: bool = False
    """Whether to return `explanations`."""
    explain_rows: ExplainRows = "anomalies"
    """Which rows are explained where explanations are asked for."""
    random_state: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    """Seed of the algorithm; the same seed and data give the same scores."""


class Job(Struct, kw_only=True):
    """Work that the server does in the background."""

    job_id: str
    """Id of the job."""
    kind: str
    """What it does: `detection`, `scoring` (a detection by a trained model) or `training`."""
    state: str
    """`queued`, `running`, `succeeded`, `failed` or `cancelled`."""
    progress: JobProgress
    """How far a job has come."""
    attempt: int
    """How often a worker has started it."""
    error: Problem | None
    """Why it failed, null otherwise."""
    created_at: datetime_aliased
    """When it was submitted (UTC)."""
    started_at: datetime_aliased | None
    """When a worker first took it (UTC)."""
    finished_at: datetime_aliased | None
    """When it ended (UTC)."""
    links: JobLinks
    """Where to go from here."""
    expires_at: datetime_aliased | None = None
    """Until when the result is kept (UTC); null where there is none, or where it is kept for ever."""
    model: TrainedVersion | None = None
    """The version that a training has made; null before its end and for other kinds."""
    trace_id: str | None = None
    """Trace of the request that submitted it (W3C Trace Context), in which its work goes on."""


class JobList(Struct, kw_only=True):
    """A page of jobs, newest first."""

    items: list[Job]
    """The jobs."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class JobResultPage(Struct, kw_only=True):
    """A page of a job's result."""

    items: list[ResultRow]
    """The rows of this page in the order of the data."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""
    summary: ResultSummary
    """What holds for the whole result."""


class Model(Struct, kw_only=True):
    """A trained detector with its versions."""

    model_id: str
    """Id of the model."""
    name: str
    """Its name."""
    latest_version: int | None
    """Its newest version, null where all have been deleted."""
    aliases: list[ModelAlias]
    """Its aliases in the order of their names."""
    created_at: datetime_aliased
    """When its first version was made (UTC)."""


class ModelFeedbackRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rows that a version has scored, and what turned out of each."""

    data: list[Row]
    """The rows as they were scored, all arrays or all objects. Columns of identifiers tell equal rows apart.
    """
    labels: list[bool]
    """One for each row, true for an anomaly."""
    column_names: Omissible[
        Annotated[list[Annotated[str, Meta(max_length=256, min_length=1)]], Meta(max_length=10000)]
    ] = None
    """Names of the columns where rows are arrays."""


class ModelList(Struct, kw_only=True):
    """A page of models, newest first."""

    items: list[Model]
    """The models."""
    next_cursor: str | None
    """Cursor of the next page, null on the last."""


class PredictionRequest(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rows to be scored with a model."""

    data: list[Row]
    """The rows, all arrays or all objects."""
    column_names: Omissible[
        Annotated[list[Annotated[str, Meta(max_length=256, min_length=1)]], Meta(max_length=10000)]
    ] = None
    """Names of the columns where rows are arrays."""
    return_confidence: bool = False
    """Whether to return `confidence`."""
    include_explanations: bool = False
    """Whether to return `explanations`."""
    explain_rows: ExplainRows = "anomalies"
    """Which rows are explained where explanations are asked for."""


AlgorithmName: TypeAlias = Annotated[str, Meta(max_length=64, min_length=1)]
"""Name or alias of an algorithm, see `GET /algorithms`."""

Cell: TypeAlias = Annotated[str, Meta(max_length=1048576)] | int | float | bool | None
"""One value of a table."""

ColumnType: TypeAlias = Literal["numeric", "categorical", "boolean", "datetime", "identifier", "text"]
"""How a column is read. Neither an `identifier` nor free `text` is used by the model."""

Contamination: TypeAlias = Annotated[float, Meta(gt=0.0, le=0.5)] | Literal["auto"]
"""The share of rows expected to be anomalous, which sets the decision threshold; `auto` finds it from the
scores.
"""

Contract: TypeAlias = dict[str, Any]
"""An OpenAPI 3.1 document."""

DataSource: TypeAlias = Annotated[str, Meta(max_length=2048, min_length=1)] | RemoteSource
"""A table: the id of an uploaded dataset, the `https://` URL of one that the worker fetches, or an object that
names a stored credential as well. An address must be on the public internet, and redirects are not followed.
"""

EnsembleMethods: TypeAlias = Annotated[
    list[Annotated[str, Meta(max_length=64, min_length=1)]], Meta(max_length=10, min_length=2)
]
"""Algorithms, by name or alias, that score together as the algorithm `ensemble`; `parameters` are then those of
`ensemble`.
"""

ExplainRows: TypeAlias = Literal["anomalies", "all"]
"""Which rows are explained where explanations are asked for."""

Features: TypeAlias = Annotated[
    list[Annotated[str, Meta(max_length=256)]], Meta(max_length=1000, min_length=1)
]
"""The columns the model may use; every usable column where it is left out."""

FittedParameters: TypeAlias = dict[str, Any]
"""All parameters of the algorithm, those that were left to their defaults included."""

Libraries: TypeAlias = dict[str, str]
"""Versions of the libraries that it was made with."""

ModelAliasName: TypeAlias = Annotated[
    str, Meta(max_length=30, min_length=1, pattern="^[a-z]([a-z0-9._-]*[a-z0-9])?\\Z")
]
"""A name for whichever version it points at; `latest` is not to be had, since a model's bare name says that.
"""

ModelName: TypeAlias = Annotated[
    str, Meta(max_length=48, min_length=1, pattern="^[a-z0-9]([a-z0-9._-]*[a-z0-9])?\\Z")
]
"""Name of a model: lower-case letters, digits, dots, hyphens and underscores, from a letter or digit to a letter
or digit.
"""

ModelReference: TypeAlias = Annotated[
    str,
    Meta(
        max_length=80,
        min_length=1,
        pattern="^[a-z0-9]([a-z0-9._-]*[a-z0-9])?(@[a-z0-9]([a-z0-9._-]*[a-z0-9])?)?\\Z",
    ),
]
"""A model by name or id (its newest version), or one version of it, `name@version` or `name@alias`."""

NewPassword: TypeAlias = Annotated[str, Meta(max_length=256, min_length=12)]
"""The password, 12 characters at least; stored as an argon2id hash alone."""

ParameterSchema: TypeAlias = dict[str, Any]
"""JSON Schema (draft 2020-12) of the `parameters` this algorithm takes, with defaults."""

Parameters: TypeAlias = Annotated[dict[str, Any], Meta(max_length=100)]
"""Parameters of the algorithm, see its JSON Schema at `GET /algorithms/{name}`."""

QueryFeatures: TypeAlias = Annotated[
    list[Annotated[str, Meta(max_length=256)]], Meta(max_length=100, min_length=1)
]
"""The columns the model may use, where options travel in the URL, whose length is bounded."""

Role: TypeAlias = Literal["viewer", "analyst", "operator", "admin"]
"""What a user may do: a `viewer` reads, an `analyst` also detects and submits jobs, an `operator` also runs what
serves the tenant, an `admin` may everything. docs/access.md has the scopes of each.
"""

Scopes: TypeAlias = Annotated[
    list[Annotated[str, Meta(max_length=64, min_length=1)]], Meta(max_length=64, min_length=1)
]
"""What a key may do, such as `detect:run`; `*` is everything. Each operation says which scopes it needs."""

SeriesColumn: TypeAlias = Annotated[str, Meta(max_length=256, min_length=1)]
"""The column that says which series a row belongs to, where a table holds several. No feature either."""

TimestampColumn: TypeAlias = Annotated[str, Meta(max_length=256, min_length=1)]
"""The column that says when each row was measured. The rows are then taken as time series: a row's score may
depend on the rows around it. The column itself is no feature.
"""

Username: TypeAlias = Annotated[str, Meta(max_length=128, min_length=1, pattern="^[a-z0-9][a-z0-9._@+-]*\\Z")]
"""Name to log in with, in lower case; an email address will do. No two users of a tenant share one."""

WebhookEventTypes: TypeAlias = Annotated[
    list[Literal["job.succeeded", "job.failed", "job.cancelled"]], Meta(max_length=3, min_length=1)
]
"""What the endpoint is told of."""

WebhookUrl: TypeAlias = Annotated[str, Meta(max_length=2048, min_length=1)]
"""Where messages are posted, an https URL of a public host without user or password."""

IdentifierValues: TypeAlias = list[Cell]
"""One value per row."""

RowIdentifiers: TypeAlias = dict[str, Cell]
"""Values of the identifier columns in this row."""

RowObject: TypeAlias = Annotated[dict[str, Cell], Meta(max_length=10000)]
"""One row by column name."""

ColumnTypes: TypeAlias = Annotated[dict[str, ColumnType], Meta(max_length=1000)]
"""Says the type of columns where the server should not guess, by column name."""

Identifiers: TypeAlias = dict[str, IdentifierValues]
"""Values of the identifier columns, which the model does not use, by column name."""

Row: TypeAlias = Annotated[list[Cell], Meta(max_length=10000)] | RowObject
"""One row, as an array of values or as an object from column name to value."""

JsonTable: TypeAlias = list[Row]
"""Rows, all arrays or all objects."""
