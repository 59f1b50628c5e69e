"""HTTP of the tag `audit`."""

from __future__ import annotations

from pynomaly_server.audit.filters import Filters
from pynomaly_server.audit.service import AuditService
from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.body import JSON
from pynomaly_server.binding.operations import Reply, RequestInfo, handles
from pynomaly_server.contract.operations import ListAuditLogQuery

_MEDIA_OF_FORMAT = {"json": JSON, "ndjson": "application/x-ndjson", "csv": "text/csv"}


class AuditController:
    def __init__(self, service: AuditService) -> None:
        self._service = service

    @handles("listAuditLog")
    async def list_audit_log(
        self, principal: Principal, query: ListAuditLogQuery, info: RequestInfo
    ) -> Reply:
        media_type = _MEDIA_OF_FORMAT[query.format] if query.format else info.media_type
        filters = Filters(
            actor=query.actor,
            action=query.action,
            resource=query.resource,
            outcome=query.outcome,
            since=query.since,
            until=query.until,
        )
        if media_type == JSON:
            page = await self._service.page(principal, filters, limit=query.limit, cursor=query.cursor)
            return Reply(page, media_type=JSON)
        name = "audit-log.csv" if media_type == "text/csv" else "audit-log.ndjson"
        return Reply(
            self._service.export(principal, filters, media_type),
            media_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
