# Generated from openapi/ by `make generate`; do not edit.
"""The operations of the contract, as the driver needs to know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the contract.

    Attributes:
        id: Its `operationId`.
        tag: The resource it belongs to.
        method: HTTP method in capitals.
        path: Path below the base path, with `{names}` of its parameters.
        retry: `safe`, `idempotency-key` or `never`.
        timeout: `short`, `normal` or `long`.
        breaker: Group of operations that share a circuit breaker.
        fallback: `local` where the local detector may answer.
        pagination: `cursor` where the answer is a page.
        job: Whether the answer is a job.
        request_media: Media types the body may have.
        response_media: Media types of the success answer.
    """

    id: str
    tag: str
    method: str
    path: str
    retry: Literal["safe", "idempotency-key", "never"]
    timeout: Literal["short", "normal", "long"]
    breaker: str
    fallback: Literal["local"] | None
    pagination: Literal["cursor"] | None
    job: bool
    request_media: tuple[str, ...]
    response_media: tuple[str, ...]


DETECT_ANOMALIES = Operation(
    id="detectAnomalies",
    tag="detection",
    method="POST",
    path="/detect",
    retry="safe",
    timeout="normal",
    breaker="detection",
    fallback="local",
    pagination=None,
    job=False,
    request_media=(
        "application/json",
        "text/csv",
        "application/x-ndjson",
        "application/vnd.apache.parquet",
        "application/vnd.apache.arrow.stream",
        "application/x-npy",
    ),
    response_media=("application/json",),
)

LIST_ALGORITHMS = Operation(
    id="listAlgorithms",
    tag="algorithms",
    method="GET",
    path="/algorithms",
    retry="safe",
    timeout="short",
    breaker="algorithms",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

GET_ALGORITHM = Operation(
    id="getAlgorithm",
    tag="algorithms",
    method="GET",
    path="/algorithms/{name}",
    retry="safe",
    timeout="short",
    breaker="algorithms",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

LIST_DATASETS = Operation(
    id="listDatasets",
    tag="datasets",
    method="GET",
    path="/datasets",
    retry="safe",
    timeout="short",
    breaker="datasets",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

UPLOAD_DATASET = Operation(
    id="uploadDataset",
    tag="datasets",
    method="POST",
    path="/datasets",
    retry="idempotency-key",
    timeout="long",
    breaker="datasets",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(
        "application/json",
        "text/csv",
        "application/x-ndjson",
        "application/vnd.apache.parquet",
        "application/vnd.apache.arrow.stream",
        "application/x-npy",
    ),
    response_media=("application/json",),
)

GET_DATASET = Operation(
    id="getDataset",
    tag="datasets",
    method="GET",
    path="/datasets/{dataset_id}",
    retry="safe",
    timeout="short",
    breaker="datasets",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

DELETE_DATASET = Operation(
    id="deleteDataset",
    tag="datasets",
    method="DELETE",
    path="/datasets/{dataset_id}",
    retry="safe",
    timeout="short",
    breaker="datasets",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=(),
)

PROFILE_DATASET = Operation(
    id="profileDataset",
    tag="datasets",
    method="GET",
    path="/datasets/{dataset_id}/profile",
    retry="safe",
    timeout="long",
    breaker="datasets",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

BATCH_DETECT = Operation(
    id="batchDetect",
    tag="jobs",
    method="POST",
    path="/batch",
    retry="idempotency-key",
    timeout="normal",
    breaker="jobs",
    fallback=None,
    pagination=None,
    job=True,
    request_media=("application/json",),
    response_media=("application/json",),
)

LIST_JOBS = Operation(
    id="listJobs",
    tag="jobs",
    method="GET",
    path="/jobs",
    retry="safe",
    timeout="short",
    breaker="jobs",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

GET_JOB_STATUS = Operation(
    id="getJobStatus",
    tag="jobs",
    method="GET",
    path="/jobs/{job_id}",
    retry="safe",
    timeout="normal",
    breaker="jobs",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

CANCEL_JOB = Operation(
    id="cancelJob",
    tag="jobs",
    method="POST",
    path="/jobs/{job_id}/cancel",
    retry="safe",
    timeout="short",
    breaker="jobs",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

GET_JOB_RESULT = Operation(
    id="getJobResult",
    tag="jobs",
    method="GET",
    path="/jobs/{job_id}/result",
    retry="safe",
    timeout="long",
    breaker="jobs",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=(
        "application/json",
        "application/x-ndjson",
        "text/csv",
        "application/vnd.apache.parquet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
)

STREAM_JOB_EVENTS = Operation(
    id="streamJobEvents",
    tag="jobs",
    method="GET",
    path="/jobs/{job_id}/events",
    retry="safe",
    timeout="long",
    breaker="jobs",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("text/event-stream",),
)

LIST_MODELS = Operation(
    id="listModels",
    tag="models",
    method="GET",
    path="/models",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

TRAIN_MODEL = Operation(
    id="trainModel",
    tag="models",
    method="POST",
    path="/models",
    retry="idempotency-key",
    timeout="normal",
    breaker="models",
    fallback=None,
    pagination=None,
    job=True,
    request_media=("application/json",),
    response_media=("application/json",),
)

GET_MODEL = Operation(
    id="getModel",
    tag="models",
    method="GET",
    path="/models/{name}",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

DELETE_MODEL = Operation(
    id="deleteModel",
    tag="models",
    method="DELETE",
    path="/models/{name}",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=(),
)

LIST_MODEL_VERSIONS = Operation(
    id="listModelVersions",
    tag="models",
    method="GET",
    path="/models/{name}/versions",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

GET_MODEL_VERSION = Operation(
    id="getModelVersion",
    tag="models",
    method="GET",
    path="/models/{name}/versions/{version}",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

DELETE_MODEL_VERSION = Operation(
    id="deleteModelVersion",
    tag="models",
    method="DELETE",
    path="/models/{name}/versions/{version}",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=(),
)

GET_MODEL_ALIAS = Operation(
    id="getModelAlias",
    tag="models",
    method="GET",
    path="/models/{name}/aliases/{alias}",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

SET_MODEL_ALIAS = Operation(
    id="setModelAlias",
    tag="models",
    method="PUT",
    path="/models/{name}/aliases/{alias}",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

DELETE_MODEL_ALIAS = Operation(
    id="deleteModelAlias",
    tag="models",
    method="DELETE",
    path="/models/{name}/aliases/{alias}",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=(),
)

ROLLBACK_MODEL_ALIAS = Operation(
    id="rollbackModelAlias",
    tag="models",
    method="POST",
    path="/models/{name}/aliases/{alias}/rollback",
    retry="never",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

PREDICT_WITH_MODEL = Operation(
    id="predictWithModel",
    tag="models",
    method="POST",
    path="/models/{name}/predict",
    retry="safe",
    timeout="normal",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(
        "application/json",
        "text/csv",
        "application/x-ndjson",
        "application/vnd.apache.parquet",
        "application/vnd.apache.arrow.stream",
        "application/x-npy",
    ),
    response_media=("application/json",),
)

GET_MODEL_FEEDBACK = Operation(
    id="getModelFeedback",
    tag="models",
    method="GET",
    path="/models/{name}/feedback",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

GIVE_MODEL_FEEDBACK = Operation(
    id="giveModelFeedback",
    tag="models",
    method="POST",
    path="/models/{name}/feedback",
    retry="safe",
    timeout="normal",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

PACKAGE_MODEL = Operation(
    id="packageModel",
    tag="models",
    method="GET",
    path="/models/{name}/package",
    retry="safe",
    timeout="long",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/vnd.pynomaly.model-package",),
)

IMPORT_MODEL = Operation(
    id="importModel",
    tag="models",
    method="POST",
    path="/model-packages",
    retry="safe",
    timeout="long",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/vnd.pynomaly.model-package",),
    response_media=("application/json",),
)

GET_MODEL_DRIFT = Operation(
    id="getModelDrift",
    tag="models",
    method="GET",
    path="/models/{name}/drift",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

GET_MODEL_RETRAINING = Operation(
    id="getModelRetraining",
    tag="models",
    method="GET",
    path="/models/{name}/aliases/{alias}/retraining",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

SET_MODEL_RETRAINING = Operation(
    id="setModelRetraining",
    tag="models",
    method="PUT",
    path="/models/{name}/aliases/{alias}/retraining",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

DELETE_MODEL_RETRAINING = Operation(
    id="deleteModelRetraining",
    tag="models",
    method="DELETE",
    path="/models/{name}/aliases/{alias}/retraining",
    retry="safe",
    timeout="short",
    breaker="models",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=(),
)

RETRAIN_MODEL = Operation(
    id="retrainModel",
    tag="models",
    method="POST",
    path="/models/{name}/aliases/{alias}/retraining/runs",
    retry="never",
    timeout="normal",
    breaker="models",
    fallback=None,
    pagination=None,
    job=True,
    request_media=(),
    response_media=("application/json",),
)

CREATE_TOKEN = Operation(
    id="createToken",
    tag="auth",
    method="POST",
    path="/auth/token",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

REFRESH_TOKEN = Operation(
    id="refreshToken",
    tag="auth",
    method="POST",
    path="/auth/token/refresh",
    retry="never",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

REVOKE_TOKEN = Operation(
    id="revokeToken",
    tag="auth",
    method="POST",
    path="/auth/token/revoke",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=(),
)

LIST_USERS = Operation(
    id="listUsers",
    tag="users",
    method="GET",
    path="/users",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

CREATE_USER = Operation(
    id="createUser",
    tag="users",
    method="POST",
    path="/users",
    retry="never",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

GET_USER = Operation(
    id="getUser",
    tag="users",
    method="GET",
    path="/users/{user_id}",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

DELETE_USER = Operation(
    id="deleteUser",
    tag="users",
    method="DELETE",
    path="/users/{user_id}",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=(),
)

UPDATE_USER = Operation(
    id="updateUser",
    tag="users",
    method="PATCH",
    path="/users/{user_id}",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

WHO_AM_I = Operation(
    id="whoAmI",
    tag="auth",
    method="GET",
    path="/me",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

CHANGE_PASSWORD = Operation(
    id="changePassword",
    tag="users",
    method="POST",
    path="/me/password",
    retry="never",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=(),
)

LIST_API_KEYS = Operation(
    id="listApiKeys",
    tag="auth",
    method="GET",
    path="/api-keys",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

CREATE_API_KEY = Operation(
    id="createApiKey",
    tag="auth",
    method="POST",
    path="/api-keys",
    retry="never",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

GET_API_KEY = Operation(
    id="getApiKey",
    tag="auth",
    method="GET",
    path="/api-keys/{key_id}",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

REVOKE_API_KEY = Operation(
    id="revokeApiKey",
    tag="auth",
    method="DELETE",
    path="/api-keys/{key_id}",
    retry="safe",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

ROTATE_API_KEY = Operation(
    id="rotateApiKey",
    tag="auth",
    method="POST",
    path="/api-keys/{key_id}/rotate",
    retry="never",
    timeout="short",
    breaker="auth",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

LIST_CREDENTIALS = Operation(
    id="listCredentials",
    tag="credentials",
    method="GET",
    path="/credentials",
    retry="safe",
    timeout="short",
    breaker="credentials",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

CREATE_CREDENTIAL = Operation(
    id="createCredential",
    tag="credentials",
    method="POST",
    path="/credentials",
    retry="never",
    timeout="normal",
    breaker="credentials",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

GET_CREDENTIAL = Operation(
    id="getCredential",
    tag="credentials",
    method="GET",
    path="/credentials/{credential_id}",
    retry="safe",
    timeout="short",
    breaker="credentials",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

REPLACE_CREDENTIAL = Operation(
    id="replaceCredential",
    tag="credentials",
    method="PUT",
    path="/credentials/{credential_id}",
    retry="safe",
    timeout="normal",
    breaker="credentials",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

DELETE_CREDENTIAL = Operation(
    id="deleteCredential",
    tag="credentials",
    method="DELETE",
    path="/credentials/{credential_id}",
    retry="never",
    timeout="short",
    breaker="credentials",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=(),
)

LIST_AUDIT_LOG = Operation(
    id="listAuditLog",
    tag="audit",
    method="GET",
    path="/audit-log",
    retry="safe",
    timeout="long",
    breaker="audit",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json", "application/x-ndjson", "text/csv"),
)

GET_USAGE = Operation(
    id="getUsage",
    tag="usage",
    method="GET",
    path="/usage",
    retry="safe",
    timeout="short",
    breaker="usage",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

LIST_WEBHOOK_ENDPOINTS = Operation(
    id="listWebhookEndpoints",
    tag="webhooks",
    method="GET",
    path="/webhooks",
    retry="safe",
    timeout="short",
    breaker="webhooks",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

CREATE_WEBHOOK_ENDPOINT = Operation(
    id="createWebhookEndpoint",
    tag="webhooks",
    method="POST",
    path="/webhooks",
    retry="never",
    timeout="normal",
    breaker="webhooks",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

GET_WEBHOOK_ENDPOINT = Operation(
    id="getWebhookEndpoint",
    tag="webhooks",
    method="GET",
    path="/webhooks/{endpoint_id}",
    retry="safe",
    timeout="short",
    breaker="webhooks",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

DELETE_WEBHOOK_ENDPOINT = Operation(
    id="deleteWebhookEndpoint",
    tag="webhooks",
    method="DELETE",
    path="/webhooks/{endpoint_id}",
    retry="never",
    timeout="short",
    breaker="webhooks",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=(),
)

UPDATE_WEBHOOK_ENDPOINT = Operation(
    id="updateWebhookEndpoint",
    tag="webhooks",
    method="PATCH",
    path="/webhooks/{endpoint_id}",
    retry="safe",
    timeout="normal",
    breaker="webhooks",
    fallback=None,
    pagination=None,
    job=False,
    request_media=("application/json",),
    response_media=("application/json",),
)

ROTATE_WEBHOOK_SECRET = Operation(
    id="rotateWebhookSecret",
    tag="webhooks",
    method="POST",
    path="/webhooks/{endpoint_id}/rotate-secret",
    retry="never",
    timeout="short",
    breaker="webhooks",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

TEST_WEBHOOK_ENDPOINT = Operation(
    id="testWebhookEndpoint",
    tag="webhooks",
    method="POST",
    path="/webhooks/{endpoint_id}/test",
    retry="never",
    timeout="short",
    breaker="webhooks",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

LIST_WEBHOOK_DELIVERIES = Operation(
    id="listWebhookDeliveries",
    tag="webhooks",
    method="GET",
    path="/webhooks/{endpoint_id}/deliveries",
    retry="safe",
    timeout="short",
    breaker="webhooks",
    fallback=None,
    pagination="cursor",
    job=False,
    request_media=(),
    response_media=("application/json",),
)

REDELIVER_WEBHOOK = Operation(
    id="redeliverWebhook",
    tag="webhooks",
    method="POST",
    path="/webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver",
    retry="never",
    timeout="short",
    breaker="webhooks",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

HEALTH_CHECK = Operation(
    id="healthCheck",
    tag="system",
    method="GET",
    path="/health",
    retry="safe",
    timeout="short",
    breaker="system",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

CHECK_LIVENESS = Operation(
    id="checkLiveness",
    tag="system",
    method="GET",
    path="/health/live",
    retry="safe",
    timeout="short",
    breaker="system",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

CHECK_READINESS = Operation(
    id="checkReadiness",
    tag="system",
    method="GET",
    path="/health/ready",
    retry="safe",
    timeout="short",
    breaker="system",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

GET_METRICS = Operation(
    id="getMetrics",
    tag="system",
    method="GET",
    path="/metrics",
    retry="safe",
    timeout="normal",
    breaker="system",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("text/plain",),
)

GET_CONTRACT = Operation(
    id="getContract",
    tag="system",
    method="GET",
    path="/openapi.json",
    retry="safe",
    timeout="short",
    breaker="system",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("application/json",),
)

GET_DOCS = Operation(
    id="getDocs",
    tag="system",
    method="GET",
    path="/docs",
    retry="safe",
    timeout="short",
    breaker="system",
    fallback=None,
    pagination=None,
    job=False,
    request_media=(),
    response_media=("text/html",),
)

OPERATIONS: dict[str, Operation] = {
    operation.id: operation
    for operation in (
        DETECT_ANOMALIES,
        LIST_ALGORITHMS,
        GET_ALGORITHM,
        LIST_DATASETS,
        UPLOAD_DATASET,
        GET_DATASET,
        DELETE_DATASET,
        PROFILE_DATASET,
        BATCH_DETECT,
        LIST_JOBS,
        GET_JOB_STATUS,
        CANCEL_JOB,
        GET_JOB_RESULT,
        STREAM_JOB_EVENTS,
        LIST_MODELS,
        TRAIN_MODEL,
        GET_MODEL,
        DELETE_MODEL,
        LIST_MODEL_VERSIONS,
        GET_MODEL_VERSION,
        DELETE_MODEL_VERSION,
        GET_MODEL_ALIAS,
        SET_MODEL_ALIAS,
        DELETE_MODEL_ALIAS,
        ROLLBACK_MODEL_ALIAS,
        PREDICT_WITH_MODEL,
        GET_MODEL_FEEDBACK,
        GIVE_MODEL_FEEDBACK,
        PACKAGE_MODEL,
        IMPORT_MODEL,
        GET_MODEL_DRIFT,
        GET_MODEL_RETRAINING,
        SET_MODEL_RETRAINING,
        DELETE_MODEL_RETRAINING,
        RETRAIN_MODEL,
        CREATE_TOKEN,
        REFRESH_TOKEN,
        REVOKE_TOKEN,
        LIST_USERS,
        CREATE_USER,
        GET_USER,
        DELETE_USER,
        UPDATE_USER,
        WHO_AM_I,
        CHANGE_PASSWORD,
        LIST_API_KEYS,
        CREATE_API_KEY,
        GET_API_KEY,
        REVOKE_API_KEY,
        ROTATE_API_KEY,
        LIST_CREDENTIALS,
        CREATE_CREDENTIAL,
        GET_CREDENTIAL,
        REPLACE_CREDENTIAL,
        DELETE_CREDENTIAL,
        LIST_AUDIT_LOG,
        GET_USAGE,
        LIST_WEBHOOK_ENDPOINTS,
        CREATE_WEBHOOK_ENDPOINT,
        GET_WEBHOOK_ENDPOINT,
        DELETE_WEBHOOK_ENDPOINT,
        UPDATE_WEBHOOK_ENDPOINT,
        ROTATE_WEBHOOK_SECRET,
        TEST_WEBHOOK_ENDPOINT,
        LIST_WEBHOOK_DELIVERIES,
        REDELIVER_WEBHOOK,
        HEALTH_CHECK,
        CHECK_LIVENESS,
        CHECK_READINESS,
        GET_METRICS,
        GET_CONTRACT,
        GET_DOCS,
    )
}
"""Every operation by its `operationId`."""
