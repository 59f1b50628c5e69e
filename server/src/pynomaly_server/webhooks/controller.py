"""HTTP of the tag `webhooks`."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.operations import Reply, handles
from pynomaly_server.contract.operations import (
    DeleteWebhookEndpointPath,
    GetWebhookEndpointPath,
    ListWebhookDeliveriesPath,
    ListWebhookDeliveriesQuery,
    ListWebhookEndpointsQuery,
    RedeliverWebhookPath,
    RotateWebhookSecretPath,
    TestWebhookEndpointPath,
    UpdateWebhookEndpointPath,
)
from pynomaly_server.contract.structs import (
    WebhookDelivery,
    WebhookDeliveryList,
    WebhookEndpoint,
    WebhookEndpointChanges,
    WebhookEndpointCreation,
    WebhookEndpointList,
    WebhookEndpointSecret,
)
from pynomaly_server.webhooks.service import WebhookService


class WebhooksController:
    def __init__(self, service: WebhookService) -> None:
        self._service = service

    @handles("createWebhookEndpoint")
    async def create_webhook_endpoint(self, principal: Principal, body: WebhookEndpointCreation) -> Reply:
        created = await self._service.create(principal, body)
        return Reply(created, headers={"Location": f"/api/v1/webhooks/{created.endpoint.endpoint_id}"})

    @handles("listWebhookEndpoints")
    async def list_webhook_endpoints(
        self, principal: Principal, query: ListWebhookEndpointsQuery
    ) -> WebhookEndpointList:
        return await self._service.list(principal, limit=query.limit, cursor=query.cursor)

    @handles("getWebhookEndpoint")
    async def get_webhook_endpoint(
        self, principal: Principal, path: GetWebhookEndpointPath
    ) -> WebhookEndpoint:
        return await self._service.get(principal, path.endpoint_id)

    @handles("updateWebhookEndpoint")
    async def update_webhook_endpoint(
        self, principal: Principal, path: UpdateWebhookEndpointPath, body: WebhookEndpointChanges
    ) -> WebhookEndpoint:
        return await self._service.update(principal, path.endpoint_id, body)

    @handles("deleteWebhookEndpoint")
    async def delete_webhook_endpoint(self, principal: Principal, path: DeleteWebhookEndpointPath) -> Reply:
        await self._service.delete(principal, path.endpoint_id)
        return Reply(None)

    @handles("rotateWebhookSecret")
    async def rotate_webhook_secret(
        self, principal: Principal, path: RotateWebhookSecretPath
    ) -> WebhookEndpointSecret:
        return await self._service.rotate(principal, path.endpoint_id)

    @handles("testWebhookEndpoint")
    async def test_webhook_endpoint(
        self, principal: Principal, path: TestWebhookEndpointPath
    ) -> WebhookDelivery:
        return await self._service.test(principal, path.endpoint_id)

    @handles("listWebhookDeliveries")
    async def list_webhook_deliveries(
        self, principal: Principal, path: ListWebhookDeliveriesPath, query: ListWebhookDeliveriesQuery
    ) -> WebhookDeliveryList:
        return await self._service.deliveries(
            principal, path.endpoint_id, limit=query.limit, cursor=query.cursor, state=query.state
        )

    @handles("redeliverWebhook")
    async def redeliver_webhook(self, principal: Principal, path: RedeliverWebhookPath) -> WebhookDelivery:
        return await self._service.redeliver(principal, path.endpoint_id, path.delivery_id)
