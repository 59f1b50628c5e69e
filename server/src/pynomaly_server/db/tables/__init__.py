"""The tables, by what they are about. Migrations under `db/migrations` make them; a test holds both equal."""

from pynomaly_server.db.tables.access import (
    ApiKeyRow,
    CredentialRow,
    FormerSecretKeyRow,
    LoginSessionRow,
    SigningKeyRow,
    UserRow,
)
from pynomaly_server.db.tables.audit import AuditHeadRow, AuditRow
from pynomaly_server.db.tables.base import Base
from pynomaly_server.db.tables.jobs import DatasetRow, JobResultRow, JobRow, JobShardRow
from pynomaly_server.db.tables.models import (
    ModelAliasChangeRow,
    ModelAliasRow,
    ModelLabelRow,
    ModelObservationRow,
    ModelRetrainingRow,
    ModelRow,
    ModelVersionRow,
)
from pynomaly_server.db.tables.tenants import TenantQuotaRow, TenantRow
from pynomaly_server.db.tables.webhooks import WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow

__all__ = [
    "ApiKeyRow",
    "AuditHeadRow",
    "AuditRow",
    "Base",
    "CredentialRow",
    "DatasetRow",
    "FormerSecretKeyRow",
    "JobResultRow",
    "JobRow",
    "JobShardRow",
    "LoginSessionRow",
    "ModelAliasChangeRow",
    "ModelAliasRow",
    "ModelLabelRow",
    "ModelObservationRow",
    "ModelRetrainingRow",
    "ModelRow",
    "ModelVersionRow",
    "SigningKeyRow",
    "TenantQuotaRow",
    "TenantRow",
    "UserRow",
    "WebhookAttemptRow",
    "WebhookDeliveryRow",
    "WebhookEndpointRow",
]
