# Generated from openapi/ by `make generate`; do not edit.
"""The operations of the contract: what the server binds handlers to, guards, limits and checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime as datetime_aliased
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from pynomaly_server.contract.structs import (
    Algorithm,
    AlgorithmList,
    AlgorithmName,
    ApiKey,
    ApiKeyList,
    AuditLog,
    BatchDetectionRequest,
    Caller,
    ColumnTypes,
    Contamination,
    Contract,
    CreateApiKeyRequest,
    Credential,
    CredentialList,
    CredentialRequest,
    Dataset,
    DatasetList,
    DatasetProfile,
    DetectionRequest,
    DetectionResult,
    EnsembleMethods,
    ExplainRows,
    Health,
    Job,
    JobList,
    JobResultPage,
    JsonTable,
    Liveness,
    LoginRequest,
    Model,
    ModelAlias,
    ModelAliasHistory,
    ModelAliasName,
    ModelAliasTarget,
    ModelDrift,
    ModelFeedback,
    ModelFeedbackRequest,
    ModelList,
    ModelName,
    ModelReference,
    ModelRetraining,
    ModelVersion,
    ModelVersionList,
    NewApiKey,
    Omissible,
    Parameters,
    PasswordChange,
    PredictionRequest,
    Problem,
    QueryFeatures,
    RefreshRequest,
    RetrainingRule,
    RotateApiKeyRequest,
    SeriesColumn,
    TimestampColumn,
    TokenPair,
    TrainingRequest,
    Usage,
    User,
    UserChanges,
    UserCreation,
    UserList,
    WebhookDelivery,
    WebhookDeliveryList,
    WebhookEndpoint,
    WebhookEndpointChanges,
    WebhookEndpointCreation,
    WebhookEndpointList,
    WebhookEndpointSecret,
    Windows,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of an operation.

    Attributes:
        name: Its name on the wire.
        location: Where it is sent.
        required: Whether a request without it is refused.
        schema_type: JSON type of its value, `any` where there are several; `json` is text to be parsed as JSON.
    """

    name: str
    location: Literal["path", "query", "header"]
    required: bool
    schema_type: Literal["string", "integer", "number", "boolean", "array", "object", "any", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSpec:
    """What an operation answers with one status.

    Attributes:
        media: Media types on offer, in order of preference; none for an answer without content.
        body: Type of the JSON, None where there is no JSON or it may be anything.
    """

    media: tuple[str, ...]
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the contract.

    Attributes:
        operation_id: Its name.
        tag: The room it belongs to.
        method: HTTP method in capitals.
        path: Path from the root of the server, with `{names}`.
        public: Whether it needs no credentials.
        scopes: Scopes that the caller must have, all of them.
        cost: Tokens of the rate limit for a call.
        cost_per_row: Further tokens for each row in it.
        limit: `login` where calls without credentials have a stricter limit of their own.
        retry: `safe`, `idempotency-key` or `never`.
        timeout: `short`, `normal` or `long`.
        breaker: Group of operations that share a circuit breaker in clients.
        fallback: `local` where a client may answer by itself.
        pagination: `cursor` where the answer is a page.
        job: Whether the answer is a job.
        audited: Whether calls are kept in the audit log.
        parameters: Every parameter.
        path_params: Struct of the path parameters.
        query_params: Struct of the query parameters.
        header_params: Struct of the header parameters.
        request_media: Media types the body may have.
        body: Type of the JSON body.
        body_required: Whether a request without body is refused.
        responses: Every answer by status.
    """

    operation_id: str
    tag: str
    method: str
    path: str
    public: bool
    scopes: tuple[str, ...]
    cost: float
    cost_per_row: float
    limit: Literal["login"] | None
    retry: Literal["safe", "idempotency-key", "never"]
    timeout: Literal["short", "normal", "long"]
    breaker: str
    fallback: Literal["local"] | None
    pagination: Literal["cursor"] | None
    job: bool
    audited: bool
    parameters: tuple[Parameter, ...]
    path_params: type[Struct] | None
    query_params: type[Struct] | None
    header_params: type[Struct] | None
    request_media: tuple[str, ...]
    body: Any
    body_required: bool
    responses: dict[int, ResponseSpec]


class DetectAnomaliesQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of detectAnomalies."""

    model_id: Omissible[ModelReference] = None
    """A trained model that scores the rows; for bodies other than JSON."""
    algorithm: AlgorithmName = "isolation_forest"
    """Name or alias of an algorithm; for bodies other than JSON."""
    parameters: Omissible[Parameters] = None
    """Parameters of the algorithm as a JSON object; for bodies other than JSON."""
    ensemble_methods: Omissible[EnsembleMethods] = None
    """Algorithms that score together, repeated for each; for bodies other than JSON."""
    contamination: Contamination = 0.1
    """Expected share of anomalous rows, or `auto`; for bodies other than JSON."""
    features: Omissible[QueryFeatures] = None
    """Column the model may use, repeated for several; for bodies other than JSON."""
    column_types: Omissible[ColumnTypes] = None
    """Types of columns as a JSON object; for bodies other than JSON."""
    timestamp_column: Omissible[TimestampColumn] = None
    """The column that orders the rows in time; for bodies other than JSON."""
    series_column: Omissible[SeriesColumn] = None
    """The column that tells several series apart; for bodies other than JSON."""
    windows: Omissible[Windows] = None
    """Sliding windows as a JSON object; for bodies other than JSON."""
    return_confidence: bool = False
    """Whether to return `confidence`; for bodies other than JSON."""
    include_explanations: bool = False
    """Whether to return `explanations`; for bodies other than JSON."""
    explain_rows: ExplainRows = "anomalies"
    """Which rows are explained; for bodies other than JSON."""
    random_state: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    """Seed of the algorithm; for bodies other than JSON."""


class GetAlgorithmPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getAlgorithm."""

    name: Annotated[str, Meta(max_length=64, min_length=1, pattern="^[A-Za-z0-9_-]+\\Z")]
    """Name or alias of the algorithm."""


class ListDatasetsQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listDatasets."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""


class UploadDatasetQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of uploadDataset."""

    name: Omissible[Annotated[str, Meta(max_length=255, min_length=1)]] = None
    """A name for people, such as the file's."""


class UploadDatasetHeaders(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Header parameters of uploadDataset."""

    idempotency_key: Omissible[
        Annotated[str, Meta(max_length=255, min_length=1, pattern="^[\\x21-\\x7e]+\\Z")]
    ] = field(name="Idempotency-Key", default=None)
    """Makes a repeated submission safe: the same key with the same body gets the first answer again for 24
    hours.
    """


class GetDatasetPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getDataset."""

    dataset_id: Annotated[str, Meta(pattern="^dts_[0-9a-f]{32}\\Z")]
    """Id of the dataset."""


class DeleteDatasetPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of deleteDataset."""

    dataset_id: Annotated[str, Meta(pattern="^dts_[0-9a-f]{32}\\Z")]
    """Id of the dataset."""


class ProfileDatasetPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of profileDataset."""

    dataset_id: Annotated[str, Meta(pattern="^dts_[0-9a-f]{32}\\Z")]
    """Id of the dataset."""


class BatchDetectHeaders(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Header parameters of batchDetect."""

    idempotency_key: Omissible[
        Annotated[str, Meta(max_length=255, min_length=1, pattern="^[\\x21-\\x7e]+\\Z")]
    ] = field(name="Idempotency-Key", default=None)
    """Makes a repeated submission safe: the same key with the same body gets the first answer again for 24
    hours.
    """


class ListJobsQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listJobs."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""
    state: Omissible[Literal["queued", "running", "succeeded", "failed", "cancelled"]] = None
    """Only jobs in this state."""


class GetJobStatusPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getJobStatus."""

    job_id: Annotated[str, Meta(pattern="^job_[0-9a-f]{32}\\Z")]
    """Id of the job."""


class GetJobStatusQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of getJobStatus."""

    wait: Annotated[float, Meta(ge=0.0, le=60.0)] = 0.0
    """Seconds to wait for the job's end before answering."""


class CancelJobPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of cancelJob."""

    job_id: Annotated[str, Meta(pattern="^job_[0-9a-f]{32}\\Z")]
    """Id of the job."""


class GetJobResultPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getJobResult."""

    job_id: Annotated[str, Meta(pattern="^job_[0-9a-f]{32}\\Z")]
    """Id of the job."""


class GetJobResultQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of getJobResult."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""
    only: Literal["all", "anomalies"] = "all"
    """Which rows to return."""
    format: Omissible[Literal["json", "ndjson", "csv", "parquet", "excel"]] = None
    """The format, for callers that cannot set `Accept`."""


class StreamJobEventsPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of streamJobEvents."""

    job_id: Annotated[str, Meta(pattern="^job_[0-9a-f]{32}\\Z")]
    """Id of the job."""


class StreamJobEventsHeaders(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Header parameters of streamJobEvents."""

    last_event_id: Omissible[Annotated[str, Meta(max_length=64)]] = field(name="Last-Event-ID", default=None)
    """Id of the last event received."""


class ListModelsQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listModels."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""


class TrainModelHeaders(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Header parameters of trainModel."""

    idempotency_key: Omissible[
        Annotated[str, Meta(max_length=255, min_length=1, pattern="^[\\x21-\\x7e]+\\Z")]
    ] = field(name="Idempotency-Key", default=None)
    """Makes a repeated submission safe: the same key with the same body gets the first answer again for 24
    hours.
    """


class GetModelPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getModel."""

    name: ModelName
    """Name of the model, or its id."""


class DeleteModelPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of deleteModel."""

    name: ModelName
    """Name of the model, or its id."""


class ListModelVersionsPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of listModelVersions."""

    name: ModelName
    """Name of the model, or its id."""


class ListModelVersionsQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listModelVersions."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""


class GetModelVersionPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getModelVersion."""

    name: ModelName
    """Name of the model, or its id."""
    version: Annotated[int, Meta(ge=1, le=999999999)]
    """Number of the version."""


class DeleteModelVersionPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of deleteModelVersion."""

    name: ModelName
    """Name of the model, or its id."""
    version: Annotated[int, Meta(ge=1, le=999999999)]
    """Number of the version."""


class GetModelAliasPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getModelAlias."""

    name: ModelName
    """Name of the model, or its id."""
    alias: ModelAliasName
    """Name of the alias."""


class SetModelAliasPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of setModelAlias."""

    name: ModelName
    """Name of the model, or its id."""
    alias: ModelAliasName
    """Name of the alias."""


class DeleteModelAliasPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of deleteModelAlias."""

    name: ModelName
    """Name of the model, or its id."""
    alias: ModelAliasName
    """Name of the alias."""


class RollbackModelAliasPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of rollbackModelAlias."""

    name: ModelName
    """Name of the model, or its id."""
    alias: ModelAliasName
    """Name of the alias."""


class PredictWithModelPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of predictWithModel."""

    name: ModelReference
    """The model by name or id, or a version of it, `name@version` or `name@alias`."""


class PredictWithModelQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of predictWithModel."""

    return_confidence: bool = False
    """Whether to return `confidence`; for bodies other than JSON."""
    include_explanations: bool = False
    """Whether to return `explanations`; for bodies other than JSON."""
    explain_rows: ExplainRows = "anomalies"
    """Which rows are explained; for bodies other than JSON."""


class GetModelFeedbackPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getModelFeedback."""

    name: ModelReference
    """The model by name or id, or a version of it, `name@version` or `name@alias`."""


class GiveModelFeedbackPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of giveModelFeedback."""

    name: ModelReference
    """The model by name or id, or a version of it, `name@version` or `name@alias`."""


class PackageModelPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of packageModel."""

    name: ModelReference
    """The model by name or id, or a version of it, `name@version` or `name@alias`."""


class ImportModelQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of importModel."""

    name: Omissible[ModelName] = None
    """Name of the model; that which it was packaged from where it is left out."""


class GetModelDriftPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getModelDrift."""

    name: ModelReference
    """The model by name or id, or a version of it, `name@version` or `name@alias`."""


class GetModelDriftQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of getModelDrift."""

    hours: Annotated[int, Meta(ge=1, le=2160)] = 24
    """How many hours are looked at, the present one included."""


class GetModelRetrainingPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getModelRetraining."""

    name: ModelName
    """Name of the model, or its id."""
    alias: ModelAliasName
    """Name of the alias."""


class SetModelRetrainingPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of setModelRetraining."""

    name: ModelName
    """Name of the model, or its id."""
    alias: ModelAliasName
    """Name of the alias."""


class DeleteModelRetrainingPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of deleteModelRetraining."""

    name: ModelName
    """Name of the model, or its id."""
    alias: ModelAliasName
    """Name of the alias."""


class RetrainModelPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of retrainModel."""

    name: ModelName
    """Name of the model, or its id."""
    alias: ModelAliasName
    """Name of the alias."""


class ListUsersQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listUsers."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""


class GetUserPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getUser."""

    user_id: Annotated[str, Meta(pattern="^usr_[0-9a-f]{32}\\Z")]
    """Id of the user."""


class DeleteUserPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of deleteUser."""

    user_id: Annotated[str, Meta(pattern="^usr_[0-9a-f]{32}\\Z")]
    """Id of the user."""


class UpdateUserPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of updateUser."""

    user_id: Annotated[str, Meta(pattern="^usr_[0-9a-f]{32}\\Z")]
    """Id of the user."""


class ListApiKeysQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listApiKeys."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""


class GetApiKeyPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getApiKey."""

    key_id: Annotated[str, Meta(pattern="^key_[0-9a-f]{32}\\Z")]
    """Id of the key."""


class RevokeApiKeyPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of revokeApiKey."""

    key_id: Annotated[str, Meta(pattern="^key_[0-9a-f]{32}\\Z")]
    """Id of the key."""


class RotateApiKeyPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of rotateApiKey."""

    key_id: Annotated[str, Meta(pattern="^key_[0-9a-f]{32}\\Z")]
    """Id of the key."""


class ListCredentialsQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listCredentials."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""


class GetCredentialPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getCredential."""

    credential_id: Annotated[str, Meta(pattern="^crd_[0-9a-f]{32}\\Z")]
    """Id of the stored credential."""


class ReplaceCredentialPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of replaceCredential."""

    credential_id: Annotated[str, Meta(pattern="^crd_[0-9a-f]{32}\\Z")]
    """Id of the stored credential."""


class DeleteCredentialPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of deleteCredential."""

    credential_id: Annotated[str, Meta(pattern="^crd_[0-9a-f]{32}\\Z")]
    """Id of the stored credential."""


class ListAuditLogQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listAuditLog."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""
    actor: Omissible[Annotated[str, Meta(max_length=64, min_length=1)]] = None
    """Only what this caller did, by the id of its key or user."""
    action: Omissible[Annotated[str, Meta(max_length=64, min_length=1)]] = None
    """Only this operation, such as `createApiKey`."""
    resource: Omissible[Annotated[str, Meta(max_length=80, min_length=1)]] = None
    """Only what was done to the resource with this id."""
    outcome: Omissible[Literal["succeeded", "refused", "failed"]] = None
    """Only entries that ended so."""
    since: Omissible[datetime_aliased] = None
    """Only entries from this moment on."""
    until: Omissible[datetime_aliased] = None
    """Only entries before this moment."""
    format: Omissible[Literal["json", "ndjson", "csv"]] = None
    """The format, for callers that cannot set `Accept`."""


class ListWebhookEndpointsQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listWebhookEndpoints."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""


class GetWebhookEndpointPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of getWebhookEndpoint."""

    endpoint_id: Annotated[str, Meta(pattern="^whe_[0-9a-f]{32}\\Z")]
    """Id of the webhook endpoint."""


class DeleteWebhookEndpointPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of deleteWebhookEndpoint."""

    endpoint_id: Annotated[str, Meta(pattern="^whe_[0-9a-f]{32}\\Z")]
    """Id of the webhook endpoint."""


class UpdateWebhookEndpointPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of updateWebhookEndpoint."""

    endpoint_id: Annotated[str, Meta(pattern="^whe_[0-9a-f]{32}\\Z")]
    """Id of the webhook endpoint."""


class RotateWebhookSecretPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of rotateWebhookSecret."""

    endpoint_id: Annotated[str, Meta(pattern="^whe_[0-9a-f]{32}\\Z")]
    """Id of the webhook endpoint."""


class TestWebhookEndpointPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of testWebhookEndpoint."""

    endpoint_id: Annotated[str, Meta(pattern="^whe_[0-9a-f]{32}\\Z")]
    """Id of the webhook endpoint."""


class ListWebhookDeliveriesPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of listWebhookDeliveries."""

    endpoint_id: Annotated[str, Meta(pattern="^whe_[0-9a-f]{32}\\Z")]
    """Id of the webhook endpoint."""


class ListWebhookDeliveriesQuery(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Query parameters of listWebhookDeliveries."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    """How many items to return at most."""
    cursor: Omissible[Annotated[str, Meta(max_length=1024)]] = None
    """The `next_cursor` of the page before; leave it out for the first page."""
    state: Omissible[Literal["pending", "delivered", "failed"]] = None
    """Only deliveries in this state."""


class RedeliverWebhookPath(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Path parameters of redeliverWebhook."""

    endpoint_id: Annotated[str, Meta(pattern="^whe_[0-9a-f]{32}\\Z")]
    """Id of the webhook endpoint."""
    delivery_id: Annotated[str, Meta(pattern="^whd_[0-9a-f]{32}\\Z")]
    """Id of the delivery."""


OPERATIONS: dict[str, Operation] = {
    "detectAnomalies": Operation(
        operation_id="detectAnomalies",
        tag="detection",
        method="POST",
        path="/api/v1/detect",
        public=False,
        scopes=("detect:run",),
        cost=1.0,
        cost_per_row=0.001,
        limit=None,
        retry="safe",
        timeout="normal",
        breaker="detection",
        fallback="local",
        pagination=None,
        job=False,
        audited=False,
        parameters=(
            Parameter(name="model_id", location="query", required=False, schema_type="string"),
            Parameter(name="algorithm", location="query", required=False, schema_type="string"),
            Parameter(name="parameters", location="query", required=False, schema_type="json"),
            Parameter(name="ensemble_methods", location="query", required=False, schema_type="array"),
            Parameter(name="contamination", location="query", required=False, schema_type="any"),
            Parameter(name="features", location="query", required=False, schema_type="array"),
            Parameter(name="column_types", location="query", required=False, schema_type="json"),
            Parameter(name="timestamp_column", location="query", required=False, schema_type="string"),
            Parameter(name="series_column", location="query", required=False, schema_type="string"),
            Parameter(name="windows", location="query", required=False, schema_type="json"),
            Parameter(name="return_confidence", location="query", required=False, schema_type="boolean"),
            Parameter(name="include_explanations", location="query", required=False, schema_type="boolean"),
            Parameter(name="explain_rows", location="query", required=False, schema_type="string"),
            Parameter(name="random_state", location="query", required=False, schema_type="integer"),
        ),
        path_params=None,
        query_params=DetectAnomaliesQuery,
        header_params=None,
        request_media=(
            "application/json",
            "text/csv",
            "application/x-ndjson",
            "application/vnd.apache.parquet",
            "application/vnd.apache.arrow.stream",
            "application/x-npy",
        ),
        body=DetectionRequest,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=DetectionResult),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listAlgorithms": Operation(
        operation_id="listAlgorithms",
        tag="algorithms",
        method="GET",
        path="/api/v1/algorithms",
        public=False,
        scopes=(),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="algorithms",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=AlgorithmList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getAlgorithm": Operation(
        operation_id="getAlgorithm",
        tag="algorithms",
        method="GET",
        path="/api/v1/algorithms/{name}",
        public=False,
        scopes=(),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="algorithms",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="name", location="path", required=True, schema_type="string"),),
        path_params=GetAlgorithmPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Algorithm),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listDatasets": Operation(
        operation_id="listDatasets",
        tag="datasets",
        method="GET",
        path="/api/v1/datasets",
        public=False,
        scopes=("datasets:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="datasets",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=ListDatasetsQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=DatasetList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "uploadDataset": Operation(
        operation_id="uploadDataset",
        tag="datasets",
        method="POST",
        path="/api/v1/datasets",
        public=False,
        scopes=("datasets:write",),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="idempotency-key",
        timeout="long",
        breaker="datasets",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(
            Parameter(name="Idempotency-Key", location="header", required=False, schema_type="string"),
            Parameter(name="name", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=UploadDatasetQuery,
        header_params=UploadDatasetHeaders,
        request_media=(
            "application/json",
            "text/csv",
            "application/x-ndjson",
            "application/vnd.apache.parquet",
            "application/vnd.apache.arrow.stream",
            "application/x-npy",
        ),
        body=JsonTable,
        body_required=True,
        responses={
            201: ResponseSpec(media=("application/json",), body=Dataset),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getDataset": Operation(
        operation_id="getDataset",
        tag="datasets",
        method="GET",
        path="/api/v1/datasets/{dataset_id}",
        public=False,
        scopes=("datasets:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="datasets",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="dataset_id", location="path", required=True, schema_type="string"),),
        path_params=GetDatasetPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Dataset),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "deleteDataset": Operation(
        operation_id="deleteDataset",
        tag="datasets",
        method="DELETE",
        path="/api/v1/datasets/{dataset_id}",
        public=False,
        scopes=("datasets:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="datasets",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="dataset_id", location="path", required=True, schema_type="string"),),
        path_params=DeleteDatasetPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            204: ResponseSpec(media=(), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "profileDataset": Operation(
        operation_id="profileDataset",
        tag="datasets",
        method="GET",
        path="/api/v1/datasets/{dataset_id}/profile",
        public=False,
        scopes=("datasets:read",),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="long",
        breaker="datasets",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="dataset_id", location="path", required=True, schema_type="string"),),
        path_params=ProfileDatasetPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=DatasetProfile),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "batchDetect": Operation(
        operation_id="batchDetect",
        tag="jobs",
        method="POST",
        path="/api/v1/batch",
        public=False,
        scopes=("jobs:write",),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="idempotency-key",
        timeout="normal",
        breaker="jobs",
        fallback=None,
        pagination=None,
        job=True,
        audited=True,
        parameters=(
            Parameter(name="Idempotency-Key", location="header", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=None,
        header_params=BatchDetectHeaders,
        request_media=("application/json",),
        body=BatchDetectionRequest,
        body_required=True,
        responses={
            202: ResponseSpec(media=("application/json",), body=Job),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listJobs": Operation(
        operation_id="listJobs",
        tag="jobs",
        method="GET",
        path="/api/v1/jobs",
        public=False,
        scopes=("jobs:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="jobs",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
            Parameter(name="state", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=ListJobsQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=JobList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getJobStatus": Operation(
        operation_id="getJobStatus",
        tag="jobs",
        method="GET",
        path="/api/v1/jobs/{job_id}",
        public=False,
        scopes=("jobs:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="normal",
        breaker="jobs",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(
            Parameter(name="job_id", location="path", required=True, schema_type="string"),
            Parameter(name="wait", location="query", required=False, schema_type="number"),
        ),
        path_params=GetJobStatusPath,
        query_params=GetJobStatusQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Job),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "cancelJob": Operation(
        operation_id="cancelJob",
        tag="jobs",
        method="POST",
        path="/api/v1/jobs/{job_id}/cancel",
        public=False,
        scopes=("jobs:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="jobs",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="job_id", location="path", required=True, schema_type="string"),),
        path_params=CancelJobPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Job),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getJobResult": Operation(
        operation_id="getJobResult",
        tag="jobs",
        method="GET",
        path="/api/v1/jobs/{job_id}/result",
        public=False,
        scopes=("jobs:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="long",
        breaker="jobs",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=True,
        parameters=(
            Parameter(name="job_id", location="path", required=True, schema_type="string"),
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
            Parameter(name="only", location="query", required=False, schema_type="string"),
            Parameter(name="format", location="query", required=False, schema_type="string"),
        ),
        path_params=GetJobResultPath,
        query_params=GetJobResultQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(
                media=(
                    "application/json",
                    "application/x-ndjson",
                    "text/csv",
                    "application/vnd.apache.parquet",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ),
                body=JobResultPage,
            ),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            410: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "streamJobEvents": Operation(
        operation_id="streamJobEvents",
        tag="jobs",
        method="GET",
        path="/api/v1/jobs/{job_id}/events",
        public=False,
        scopes=("jobs:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="long",
        breaker="jobs",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(
            Parameter(name="job_id", location="path", required=True, schema_type="string"),
            Parameter(name="Last-Event-ID", location="header", required=False, schema_type="string"),
        ),
        path_params=StreamJobEventsPath,
        query_params=None,
        header_params=StreamJobEventsHeaders,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("text/event-stream",), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listModels": Operation(
        operation_id="listModels",
        tag="models",
        method="GET",
        path="/api/v1/models",
        public=False,
        scopes=("models:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=ListModelsQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "trainModel": Operation(
        operation_id="trainModel",
        tag="models",
        method="POST",
        path="/api/v1/models",
        public=False,
        scopes=("models:write",),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="idempotency-key",
        timeout="normal",
        breaker="models",
        fallback=None,
        pagination=None,
        job=True,
        audited=True,
        parameters=(
            Parameter(name="Idempotency-Key", location="header", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=None,
        header_params=TrainModelHeaders,
        request_media=("application/json",),
        body=TrainingRequest,
        body_required=True,
        responses={
            202: ResponseSpec(media=("application/json",), body=Job),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getModel": Operation(
        operation_id="getModel",
        tag="models",
        method="GET",
        path="/api/v1/models/{name}",
        public=False,
        scopes=("models:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="name", location="path", required=True, schema_type="string"),),
        path_params=GetModelPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Model),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "deleteModel": Operation(
        operation_id="deleteModel",
        tag="models",
        method="DELETE",
        path="/api/v1/models/{name}",
        public=False,
        scopes=("models:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="name", location="path", required=True, schema_type="string"),),
        path_params=DeleteModelPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            204: ResponseSpec(media=(), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listModelVersions": Operation(
        operation_id="listModelVersions",
        tag="models",
        method="GET",
        path="/api/v1/models/{name}/versions",
        public=False,
        scopes=("models:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
        ),
        path_params=ListModelVersionsPath,
        query_params=ListModelVersionsQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelVersionList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getModelVersion": Operation(
        operation_id="getModelVersion",
        tag="models",
        method="GET",
        path="/api/v1/models/{name}/versions/{version}",
        public=False,
        scopes=("models:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="version", location="path", required=True, schema_type="integer"),
        ),
        path_params=GetModelVersionPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelVersion),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "deleteModelVersion": Operation(
        operation_id="deleteModelVersion",
        tag="models",
        method="DELETE",
        path="/api/v1/models/{name}/versions/{version}",
        public=False,
        scopes=("models:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="version", location="path", required=True, schema_type="integer"),
        ),
        path_params=DeleteModelVersionPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            204: ResponseSpec(media=(), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getModelAlias": Operation(
        operation_id="getModelAlias",
        tag="models",
        method="GET",
        path="/api/v1/models/{name}/aliases/{alias}",
        public=False,
        scopes=("models:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="alias", location="path", required=True, schema_type="string"),
        ),
        path_params=GetModelAliasPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelAliasHistory),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "setModelAlias": Operation(
        operation_id="setModelAlias",
        tag="models",
        method="PUT",
        path="/api/v1/models/{name}/aliases/{alias}",
        public=False,
        scopes=("models:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="alias", location="path", required=True, schema_type="string"),
        ),
        path_params=SetModelAliasPath,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=ModelAliasTarget,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelAlias),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "deleteModelAlias": Operation(
        operation_id="deleteModelAlias",
        tag="models",
        method="DELETE",
        path="/api/v1/models/{name}/aliases/{alias}",
        public=False,
        scopes=("models:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="alias", location="path", required=True, schema_type="string"),
        ),
        path_params=DeleteModelAliasPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            204: ResponseSpec(media=(), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "rollbackModelAlias": Operation(
        operation_id="rollbackModelAlias",
        tag="models",
        method="POST",
        path="/api/v1/models/{name}/aliases/{alias}/rollback",
        public=False,
        scopes=("models:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="alias", location="path", required=True, schema_type="string"),
        ),
        path_params=RollbackModelAliasPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelAlias),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "predictWithModel": Operation(
        operation_id="predictWithModel",
        tag="models",
        method="POST",
        path="/api/v1/models/{name}/predict",
        public=False,
        scopes=("models:use",),
        cost=1.0,
        cost_per_row=0.001,
        limit=None,
        retry="safe",
        timeout="normal",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="return_confidence", location="query", required=False, schema_type="boolean"),
            Parameter(name="include_explanations", location="query", required=False, schema_type="boolean"),
            Parameter(name="explain_rows", location="query", required=False, schema_type="string"),
        ),
        path_params=PredictWithModelPath,
        query_params=PredictWithModelQuery,
        header_params=None,
        request_media=(
            "application/json",
            "text/csv",
            "application/x-ndjson",
            "application/vnd.apache.parquet",
            "application/vnd.apache.arrow.stream",
            "application/x-npy",
        ),
        body=PredictionRequest,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=DetectionResult),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getModelFeedback": Operation(
        operation_id="getModelFeedback",
        tag="models",
        method="GET",
        path="/api/v1/models/{name}/feedback",
        public=False,
        scopes=("models:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="name", location="path", required=True, schema_type="string"),),
        path_params=GetModelFeedbackPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelFeedback),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "giveModelFeedback": Operation(
        operation_id="giveModelFeedback",
        tag="models",
        method="POST",
        path="/api/v1/models/{name}/feedback",
        public=False,
        scopes=("models:use",),
        cost=1.0,
        cost_per_row=0.001,
        limit=None,
        retry="safe",
        timeout="normal",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="name", location="path", required=True, schema_type="string"),),
        path_params=GiveModelFeedbackPath,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=ModelFeedbackRequest,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelFeedback),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "packageModel": Operation(
        operation_id="packageModel",
        tag="models",
        method="GET",
        path="/api/v1/models/{name}/package",
        public=False,
        scopes=("models:read", "models:use"),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="long",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="name", location="path", required=True, schema_type="string"),),
        path_params=PackageModelPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/vnd.pynomaly.model-package",), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "importModel": Operation(
        operation_id="importModel",
        tag="models",
        method="POST",
        path="/api/v1/model-packages",
        public=False,
        scopes=("models:write",),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="long",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="name", location="query", required=False, schema_type="string"),),
        path_params=None,
        query_params=ImportModelQuery,
        header_params=None,
        request_media=("application/vnd.pynomaly.model-package",),
        body=None,
        body_required=True,
        responses={
            201: ResponseSpec(media=("application/json",), body=ModelVersion),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getModelDrift": Operation(
        operation_id="getModelDrift",
        tag="models",
        method="GET",
        path="/api/v1/models/{name}/drift",
        public=False,
        scopes=("models:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="hours", location="query", required=False, schema_type="integer"),
        ),
        path_params=GetModelDriftPath,
        query_params=GetModelDriftQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelDrift),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getModelRetraining": Operation(
        operation_id="getModelRetraining",
        tag="models",
        method="GET",
        path="/api/v1/models/{name}/aliases/{alias}/retraining",
        public=False,
        scopes=("models:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="alias", location="path", required=True, schema_type="string"),
        ),
        path_params=GetModelRetrainingPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelRetraining),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "setModelRetraining": Operation(
        operation_id="setModelRetraining",
        tag="models",
        method="PUT",
        path="/api/v1/models/{name}/aliases/{alias}/retraining",
        public=False,
        scopes=("models:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="alias", location="path", required=True, schema_type="string"),
        ),
        path_params=SetModelRetrainingPath,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=RetrainingRule,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=ModelRetraining),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "deleteModelRetraining": Operation(
        operation_id="deleteModelRetraining",
        tag="models",
        method="DELETE",
        path="/api/v1/models/{name}/aliases/{alias}/retraining",
        public=False,
        scopes=("models:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="models",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="alias", location="path", required=True, schema_type="string"),
        ),
        path_params=DeleteModelRetrainingPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            204: ResponseSpec(media=(), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "retrainModel": Operation(
        operation_id="retrainModel",
        tag="models",
        method="POST",
        path="/api/v1/models/{name}/aliases/{alias}/retraining/runs",
        public=False,
        scopes=("models:write",),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="normal",
        breaker="models",
        fallback=None,
        pagination=None,
        job=True,
        audited=True,
        parameters=(
            Parameter(name="name", location="path", required=True, schema_type="string"),
            Parameter(name="alias", location="path", required=True, schema_type="string"),
        ),
        path_params=RetrainModelPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            202: ResponseSpec(media=("application/json",), body=Job),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "createToken": Operation(
        operation_id="createToken",
        tag="auth",
        method="POST",
        path="/api/v1/auth/token",
        public=True,
        scopes=(),
        cost=5.0,
        cost_per_row=0.0,
        limit="login",
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=LoginRequest,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=TokenPair),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "refreshToken": Operation(
        operation_id="refreshToken",
        tag="auth",
        method="POST",
        path="/api/v1/auth/token/refresh",
        public=True,
        scopes=(),
        cost=1.0,
        cost_per_row=0.0,
        limit="login",
        retry="never",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=RefreshRequest,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=TokenPair),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "revokeToken": Operation(
        operation_id="revokeToken",
        tag="auth",
        method="POST",
        path="/api/v1/auth/token/revoke",
        public=True,
        scopes=(),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=RefreshRequest,
        body_required=True,
        responses={
            204: ResponseSpec(media=(), body=None),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listUsers": Operation(
        operation_id="listUsers",
        tag="users",
        method="GET",
        path="/api/v1/users",
        public=False,
        scopes=("users:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=ListUsersQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=UserList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "createUser": Operation(
        operation_id="createUser",
        tag="users",
        method="POST",
        path="/api/v1/users",
        public=False,
        scopes=("users:write",),
        cost=10.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=UserCreation,
        body_required=True,
        responses={
            201: ResponseSpec(media=("application/json",), body=User),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getUser": Operation(
        operation_id="getUser",
        tag="users",
        method="GET",
        path="/api/v1/users/{user_id}",
        public=False,
        scopes=("users:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="user_id", location="path", required=True, schema_type="string"),),
        path_params=GetUserPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=User),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "deleteUser": Operation(
        operation_id="deleteUser",
        tag="users",
        method="DELETE",
        path="/api/v1/users/{user_id}",
        public=False,
        scopes=("users:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="user_id", location="path", required=True, schema_type="string"),),
        path_params=DeleteUserPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            204: ResponseSpec(media=(), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "updateUser": Operation(
        operation_id="updateUser",
        tag="users",
        method="PATCH",
        path="/api/v1/users/{user_id}",
        public=False,
        scopes=("users:write",),
        cost=10.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="user_id", location="path", required=True, schema_type="string"),),
        path_params=UpdateUserPath,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=UserChanges,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=User),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "whoAmI": Operation(
        operation_id="whoAmI",
        tag="auth",
        method="GET",
        path="/api/v1/me",
        public=False,
        scopes=(),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Caller),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "changePassword": Operation(
        operation_id="changePassword",
        tag="users",
        method="POST",
        path="/api/v1/me/password",
        public=False,
        scopes=(),
        cost=10.0,
        cost_per_row=0.0,
        limit="login",
        retry="never",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=PasswordChange,
        body_required=True,
        responses={
            204: ResponseSpec(media=(), body=None),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listApiKeys": Operation(
        operation_id="listApiKeys",
        tag="auth",
        method="GET",
        path="/api/v1/api-keys",
        public=False,
        scopes=("keys:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=ListApiKeysQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ApiKeyList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "createApiKey": Operation(
        operation_id="createApiKey",
        tag="auth",
        method="POST",
        path="/api/v1/api-keys",
        public=False,
        scopes=("keys:write",),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=CreateApiKeyRequest,
        body_required=True,
        responses={
            201: ResponseSpec(media=("application/json",), body=NewApiKey),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getApiKey": Operation(
        operation_id="getApiKey",
        tag="auth",
        method="GET",
        path="/api/v1/api-keys/{key_id}",
        public=False,
        scopes=("keys:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="key_id", location="path", required=True, schema_type="string"),),
        path_params=GetApiKeyPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ApiKey),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "revokeApiKey": Operation(
        operation_id="revokeApiKey",
        tag="auth",
        method="DELETE",
        path="/api/v1/api-keys/{key_id}",
        public=False,
        scopes=("keys:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="key_id", location="path", required=True, schema_type="string"),),
        path_params=RevokeApiKeyPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=ApiKey),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "rotateApiKey": Operation(
        operation_id="rotateApiKey",
        tag="auth",
        method="POST",
        path="/api/v1/api-keys/{key_id}/rotate",
        public=False,
        scopes=("keys:write",),
        cost=5.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="auth",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="key_id", location="path", required=True, schema_type="string"),),
        path_params=RotateApiKeyPath,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=RotateApiKeyRequest,
        body_required=True,
        responses={
            201: ResponseSpec(media=("application/json",), body=NewApiKey),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listCredentials": Operation(
        operation_id="listCredentials",
        tag="credentials",
        method="GET",
        path="/api/v1/credentials",
        public=False,
        scopes=("credentials:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="credentials",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=ListCredentialsQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=CredentialList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "createCredential": Operation(
        operation_id="createCredential",
        tag="credentials",
        method="POST",
        path="/api/v1/credentials",
        public=False,
        scopes=("credentials:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="normal",
        breaker="credentials",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=CredentialRequest,
        body_required=True,
        responses={
            201: ResponseSpec(media=("application/json",), body=Credential),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getCredential": Operation(
        operation_id="getCredential",
        tag="credentials",
        method="GET",
        path="/api/v1/credentials/{credential_id}",
        public=False,
        scopes=("credentials:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="credentials",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="credential_id", location="path", required=True, schema_type="string"),),
        path_params=GetCredentialPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Credential),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "replaceCredential": Operation(
        operation_id="replaceCredential",
        tag="credentials",
        method="PUT",
        path="/api/v1/credentials/{credential_id}",
        public=False,
        scopes=("credentials:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="normal",
        breaker="credentials",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="credential_id", location="path", required=True, schema_type="string"),),
        path_params=ReplaceCredentialPath,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=CredentialRequest,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=Credential),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "deleteCredential": Operation(
        operation_id="deleteCredential",
        tag="credentials",
        method="DELETE",
        path="/api/v1/credentials/{credential_id}",
        public=False,
        scopes=("credentials:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="credentials",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="credential_id", location="path", required=True, schema_type="string"),),
        path_params=DeleteCredentialPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            204: ResponseSpec(media=(), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listAuditLog": Operation(
        operation_id="listAuditLog",
        tag="audit",
        method="GET",
        path="/api/v1/audit-log",
        public=False,
        scopes=("audit:read",),
        cost=2.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="long",
        breaker="audit",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
            Parameter(name="actor", location="query", required=False, schema_type="string"),
            Parameter(name="action", location="query", required=False, schema_type="string"),
            Parameter(name="resource", location="query", required=False, schema_type="string"),
            Parameter(name="outcome", location="query", required=False, schema_type="string"),
            Parameter(name="since", location="query", required=False, schema_type="string"),
            Parameter(name="until", location="query", required=False, schema_type="string"),
            Parameter(name="format", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=ListAuditLogQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json", "application/x-ndjson", "text/csv"), body=AuditLog),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getUsage": Operation(
        operation_id="getUsage",
        tag="usage",
        method="GET",
        path="/api/v1/usage",
        public=False,
        scopes=(),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="usage",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Usage),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listWebhookEndpoints": Operation(
        operation_id="listWebhookEndpoints",
        tag="webhooks",
        method="GET",
        path="/api/v1/webhooks",
        public=False,
        scopes=("webhooks:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="webhooks",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
        ),
        path_params=None,
        query_params=ListWebhookEndpointsQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=WebhookEndpointList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "createWebhookEndpoint": Operation(
        operation_id="createWebhookEndpoint",
        tag="webhooks",
        method="POST",
        path="/api/v1/webhooks",
        public=False,
        scopes=("webhooks:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="normal",
        breaker="webhooks",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=WebhookEndpointCreation,
        body_required=True,
        responses={
            201: ResponseSpec(media=("application/json",), body=WebhookEndpointSecret),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getWebhookEndpoint": Operation(
        operation_id="getWebhookEndpoint",
        tag="webhooks",
        method="GET",
        path="/api/v1/webhooks/{endpoint_id}",
        public=False,
        scopes=("webhooks:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="webhooks",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(Parameter(name="endpoint_id", location="path", required=True, schema_type="string"),),
        path_params=GetWebhookEndpointPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=WebhookEndpoint),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "deleteWebhookEndpoint": Operation(
        operation_id="deleteWebhookEndpoint",
        tag="webhooks",
        method="DELETE",
        path="/api/v1/webhooks/{endpoint_id}",
        public=False,
        scopes=("webhooks:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="webhooks",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="endpoint_id", location="path", required=True, schema_type="string"),),
        path_params=DeleteWebhookEndpointPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            204: ResponseSpec(media=(), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "updateWebhookEndpoint": Operation(
        operation_id="updateWebhookEndpoint",
        tag="webhooks",
        method="PATCH",
        path="/api/v1/webhooks/{endpoint_id}",
        public=False,
        scopes=("webhooks:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="normal",
        breaker="webhooks",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="endpoint_id", location="path", required=True, schema_type="string"),),
        path_params=UpdateWebhookEndpointPath,
        query_params=None,
        header_params=None,
        request_media=("application/json",),
        body=WebhookEndpointChanges,
        body_required=True,
        responses={
            200: ResponseSpec(media=("application/json",), body=WebhookEndpoint),
            400: ResponseSpec(media=("application/problem+json",), body=Problem),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            408: ResponseSpec(media=("application/problem+json",), body=Problem),
            413: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            415: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "rotateWebhookSecret": Operation(
        operation_id="rotateWebhookSecret",
        tag="webhooks",
        method="POST",
        path="/api/v1/webhooks/{endpoint_id}/rotate-secret",
        public=False,
        scopes=("webhooks:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="webhooks",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="endpoint_id", location="path", required=True, schema_type="string"),),
        path_params=RotateWebhookSecretPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=WebhookEndpointSecret),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "testWebhookEndpoint": Operation(
        operation_id="testWebhookEndpoint",
        tag="webhooks",
        method="POST",
        path="/api/v1/webhooks/{endpoint_id}/test",
        public=False,
        scopes=("webhooks:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="webhooks",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(Parameter(name="endpoint_id", location="path", required=True, schema_type="string"),),
        path_params=TestWebhookEndpointPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            202: ResponseSpec(media=("application/json",), body=WebhookDelivery),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "listWebhookDeliveries": Operation(
        operation_id="listWebhookDeliveries",
        tag="webhooks",
        method="GET",
        path="/api/v1/webhooks/{endpoint_id}/deliveries",
        public=False,
        scopes=("webhooks:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="webhooks",
        fallback=None,
        pagination="cursor",
        job=False,
        audited=False,
        parameters=(
            Parameter(name="endpoint_id", location="path", required=True, schema_type="string"),
            Parameter(name="limit", location="query", required=False, schema_type="integer"),
            Parameter(name="cursor", location="query", required=False, schema_type="string"),
            Parameter(name="state", location="query", required=False, schema_type="string"),
        ),
        path_params=ListWebhookDeliveriesPath,
        query_params=ListWebhookDeliveriesQuery,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=WebhookDeliveryList),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "redeliverWebhook": Operation(
        operation_id="redeliverWebhook",
        tag="webhooks",
        method="POST",
        path="/api/v1/webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver",
        public=False,
        scopes=("webhooks:write",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="never",
        timeout="short",
        breaker="webhooks",
        fallback=None,
        pagination=None,
        job=False,
        audited=True,
        parameters=(
            Parameter(name="endpoint_id", location="path", required=True, schema_type="string"),
            Parameter(name="delivery_id", location="path", required=True, schema_type="string"),
        ),
        path_params=RedeliverWebhookPath,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            202: ResponseSpec(media=("application/json",), body=WebhookDelivery),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            404: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            409: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "healthCheck": Operation(
        operation_id="healthCheck",
        tag="system",
        method="GET",
        path="/api/v1/health",
        public=True,
        scopes=(),
        cost=0.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="system",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Health),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "checkLiveness": Operation(
        operation_id="checkLiveness",
        tag="system",
        method="GET",
        path="/api/v1/health/live",
        public=True,
        scopes=(),
        cost=0.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="system",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Liveness),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "checkReadiness": Operation(
        operation_id="checkReadiness",
        tag="system",
        method="GET",
        path="/api/v1/health/ready",
        public=True,
        scopes=(),
        cost=0.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="system",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Health),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getMetrics": Operation(
        operation_id="getMetrics",
        tag="system",
        method="GET",
        path="/api/v1/metrics",
        public=False,
        scopes=("metrics:read",),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="normal",
        breaker="system",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("text/plain",), body=None),
            401: ResponseSpec(media=("application/problem+json",), body=Problem),
            403: ResponseSpec(media=("application/problem+json",), body=Problem),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
            503: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getContract": Operation(
        operation_id="getContract",
        tag="system",
        method="GET",
        path="/api/v1/openapi.json",
        public=True,
        scopes=(),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="system",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("application/json",), body=Contract),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
    "getDocs": Operation(
        operation_id="getDocs",
        tag="system",
        method="GET",
        path="/api/v1/docs",
        public=True,
        scopes=(),
        cost=1.0,
        cost_per_row=0.0,
        limit=None,
        retry="safe",
        timeout="short",
        breaker="system",
        fallback=None,
        pagination=None,
        job=False,
        audited=False,
        parameters=(),
        path_params=None,
        query_params=None,
        header_params=None,
        request_media=(),
        body=None,
        body_required=False,
        responses={
            200: ResponseSpec(media=("text/html",), body=None),
            406: ResponseSpec(media=("application/problem+json",), body=Problem),
            414: ResponseSpec(media=("application/problem+json",), body=Problem),
            422: ResponseSpec(media=("application/problem+json",), body=Problem),
            429: ResponseSpec(media=("application/problem+json",), body=Problem),
            431: ResponseSpec(media=("application/problem+json",), body=Problem),
            500: ResponseSpec(media=("application/problem+json",), body=Problem),
        },
    ),
}
