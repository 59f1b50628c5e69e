// Generated from openapi/ by `make generate`; do not edit.

/** One operation of the contract, as the driver needs to know it. */
export interface Operation {
  /** Its `operationId`. */
  readonly id: string;
  /** HTTP method in capitals. */
  readonly method: string;
  /** Path below the base path, with `{names}` of its parameters. */
  readonly path: string;
  /** Whether, and under which condition, a call may be made again. */
  readonly retry: "safe" | "idempotency-key" | "never";
  /** How long a call may take where nobody says otherwise: 10, 30 or 120 seconds. */
  readonly timeout: "short" | "normal" | "long";
  /** Group of operations that share a circuit breaker. */
  readonly breaker: string;
}
function operation(
  id: string,
  method: string,
  path: string,
  retry: Operation["retry"],
  timeout: Operation["timeout"],
  breaker: string,
): Operation {
  return { id, method, path, retry, timeout, breaker };
}

export const detectAnomalies = /* @__PURE__ */ operation(
  "detectAnomalies",
  "POST",
  "/detect",
  "safe",
  "normal",
  "detection",
);

export const listAlgorithms = /* @__PURE__ */ operation(
  "listAlgorithms",
  "GET",
  "/algorithms",
  "safe",
  "short",
  "algorithms",
);

export const getAlgorithm = /* @__PURE__ */ operation(
  "getAlgorithm",
  "GET",
  "/algorithms/{name}",
  "safe",
  "short",
  "algorithms",
);

export const listDatasets = /* @__PURE__ */ operation(
  "listDatasets",
  "GET",
  "/datasets",
  "safe",
  "short",
  "datasets",
);

export const uploadDataset = /* @__PURE__ */ operation(
  "uploadDataset",
  "POST",
  "/datasets",
  "idempotency-key",
  "long",
  "datasets",
);

export const getDataset = /* @__PURE__ */ operation(
  "getDataset",
  "GET",
  "/datasets/{dataset_id}",
  "safe",
  "short",
  "datasets",
);

export const deleteDataset = /* @__PURE__ */ operation(
  "deleteDataset",
  "DELETE",
  "/datasets/{dataset_id}",
  "safe",
  "short",
  "datasets",
);

export const profileDataset = /* @__PURE__ */ operation(
  "profileDataset",
  "GET",
  "/datasets/{dataset_id}/profile",
  "safe",
  "long",
  "datasets",
);

export const batchDetect = /* @__PURE__ */ operation(
  "batchDetect",
  "POST",
  "/batch",
  "idempotency-key",
  "normal",
  "jobs",
);

export const listJobs = /* @__PURE__ */ operation(
  "listJobs",
  "GET",
  "/jobs",
  "safe",
  "short",
  "jobs",
);

export const getJobStatus = /* @__PURE__ */ operation(
  "getJobStatus",
  "GET",
  "/jobs/{job_id}",
  "safe",
  "normal",
  "jobs",
);

export const cancelJob = /* @__PURE__ */ operation(
  "cancelJob",
  "POST",
  "/jobs/{job_id}/cancel",
  "safe",
  "short",
  "jobs",
);

export const getJobResult = /* @__PURE__ */ operation(
  "getJobResult",
  "GET",
  "/jobs/{job_id}/result",
  "safe",
  "long",
  "jobs",
);

export const streamJobEvents = /* @__PURE__ */ operation(
  "streamJobEvents",
  "GET",
  "/jobs/{job_id}/events",
  "safe",
  "long",
  "jobs",
);

export const listModels = /* @__PURE__ */ operation(
  "listModels",
  "GET",
  "/models",
  "safe",
  "short",
  "models",
);

export const trainModel = /* @__PURE__ */ operation(
  "trainModel",
  "POST",
  "/models",
  "idempotency-key",
  "normal",
  "models",
);

export const getModel = /* @__PURE__ */ operation(
  "getModel",
  "GET",
  "/models/{name}",
  "safe",
  "short",
  "models",
);

export const deleteModel = /* @__PURE__ */ operation(
  "deleteModel",
  "DELETE",
  "/models/{name}",
  "safe",
  "short",
  "models",
);

export const listModelVersions = /* @__PURE__ */ operation(
  "listModelVersions",
  "GET",
  "/models/{name}/versions",
  "safe",
  "short",
  "models",
);

export const getModelVersion = /* @__PURE__ */ operation(
  "getModelVersion",
  "GET",
  "/models/{name}/versions/{version}",
  "safe",
  "short",
  "models",
);

export const deleteModelVersion = /* @__PURE__ */ operation(
  "deleteModelVersion",
  "DELETE",
  "/models/{name}/versions/{version}",
  "safe",
  "short",
  "models",
);

export const getModelAlias = /* @__PURE__ */ operation(
  "getModelAlias",
  "GET",
  "/models/{name}/aliases/{alias}",
  "safe",
  "short",
  "models",
);

export const setModelAlias = /* @__PURE__ */ operation(
  "setModelAlias",
  "PUT",
  "/models/{name}/aliases/{alias}",
  "safe",
  "short",
  "models",
);

export const deleteModelAlias = /* @__PURE__ */ operation(
  "deleteModelAlias",
  "DELETE",
  "/models/{name}/aliases/{alias}",
  "safe",
  "short",
  "models",
);

export const rollbackModelAlias = /* @__PURE__ */ operation(
  "rollbackModelAlias",
  "POST",
  "/models/{name}/aliases/{alias}/rollback",
  "never",
  "short",
  "models",
);

export const predictWithModel = /* @__PURE__ */ operation(
  "predictWithModel",
  "POST",
  "/models/{name}/predict",
  "safe",
  "normal",
  "models",
);

export const createToken = /* @__PURE__ */ operation(
  "createToken",
  "POST",
  "/auth/token",
  "safe",
  "short",
  "auth",
);

export const refreshToken = /* @__PURE__ */ operation(
  "refreshToken",
  "POST",
  "/auth/token/refresh",
  "never",
  "short",
  "auth",
);

export const revokeToken = /* @__PURE__ */ operation(
  "revokeToken",
  "POST",
  "/auth/token/revoke",
  "safe",
  "short",
  "auth",
);

export const listUsers = /* @__PURE__ */ operation(
  "listUsers",
  "GET",
  "/users",
  "safe",
  "short",
  "auth",
);

export const createUser = /* @__PURE__ */ operation(
  "createUser",
  "POST",
  "/users",
  "never",
  "short",
  "auth",
);

export const getUser = /* @__PURE__ */ operation(
  "getUser",
  "GET",
  "/users/{user_id}",
  "safe",
  "short",
  "auth",
);

export const deleteUser = /* @__PURE__ */ operation(
  "deleteUser",
  "DELETE",
  "/users/{user_id}",
  "safe",
  "short",
  "auth",
);

export const updateUser = /* @__PURE__ */ operation(
  "updateUser",
  "PATCH",
  "/users/{user_id}",
  "safe",
  "short",
  "auth",
);

export const whoAmI = /* @__PURE__ */ operation(
  "whoAmI",
  "GET",
  "/me",
  "safe",
  "short",
  "auth",
);

export const changePassword = /* @__PURE__ */ operation(
  "changePassword",
  "POST",
  "/me/password",
  "never",
  "short",
  "auth",
);

export const listApiKeys = /* @__PURE__ */ operation(
  "listApiKeys",
  "GET",
  "/api-keys",
  "safe",
  "short",
  "auth",
);

export const createApiKey = /* @__PURE__ */ operation(
  "createApiKey",
  "POST",
  "/api-keys",
  "never",
  "short",
  "auth",
);

export const getApiKey = /* @__PURE__ */ operation(
  "getApiKey",
  "GET",
  "/api-keys/{key_id}",
  "safe",
  "short",
  "auth",
);

export const revokeApiKey = /* @__PURE__ */ operation(
  "revokeApiKey",
  "DELETE",
  "/api-keys/{key_id}",
  "safe",
  "short",
  "auth",
);

export const rotateApiKey = /* @__PURE__ */ operation(
  "rotateApiKey",
  "POST",
  "/api-keys/{key_id}/rotate",
  "never",
  "short",
  "auth",
);

export const listCredentials = /* @__PURE__ */ operation(
  "listCredentials",
  "GET",
  "/credentials",
  "safe",
  "short",
  "credentials",
);

export const createCredential = /* @__PURE__ */ operation(
  "createCredential",
  "POST",
  "/credentials",
  "never",
  "normal",
  "credentials",
);

export const getCredential = /* @__PURE__ */ operation(
  "getCredential",
  "GET",
  "/credentials/{credential_id}",
  "safe",
  "short",
  "credentials",
);

export const replaceCredential = /* @__PURE__ */ operation(
  "replaceCredential",
  "PUT",
  "/credentials/{credential_id}",
  "safe",
  "normal",
  "credentials",
);

export const deleteCredential = /* @__PURE__ */ operation(
  "deleteCredential",
  "DELETE",
  "/credentials/{credential_id}",
  "never",
  "short",
  "credentials",
);

export const listAuditLog = /* @__PURE__ */ operation(
  "listAuditLog",
  "GET",
  "/audit-log",
  "safe",
  "long",
  "audit",
);

export const getUsage = /* @__PURE__ */ operation(
  "getUsage",
  "GET",
  "/usage",
  "safe",
  "short",
  "usage",
);

export const listWebhookEndpoints = /* @__PURE__ */ operation(
  "listWebhookEndpoints",
  "GET",
  "/webhooks",
  "safe",
  "short",
  "webhooks",
);

export const createWebhookEndpoint = /* @__PURE__ */ operation(
  "createWebhookEndpoint",
  "POST",
  "/webhooks",
  "never",
  "normal",
  "webhooks",
);

export const getWebhookEndpoint = /* @__PURE__ */ operation(
  "getWebhookEndpoint",
  "GET",
  "/webhooks/{endpoint_id}",
  "safe",
  "short",
  "webhooks",
);

export const deleteWebhookEndpoint = /* @__PURE__ */ operation(
  "deleteWebhookEndpoint",
  "DELETE",
  "/webhooks/{endpoint_id}",
  "never",
  "short",
  "webhooks",
);

export const updateWebhookEndpoint = /* @__PURE__ */ operation(
  "updateWebhookEndpoint",
  "PATCH",
  "/webhooks/{endpoint_id}",
  "safe",
  "normal",
  "webhooks",
);

export const rotateWebhookSecret = /* @__PURE__ */ operation(
  "rotateWebhookSecret",
  "POST",
  "/webhooks/{endpoint_id}/rotate-secret",
  "never",
  "short",
  "webhooks",
);

export const testWebhookEndpoint = /* @__PURE__ */ operation(
  "testWebhookEndpoint",
  "POST",
  "/webhooks/{endpoint_id}/test",
  "never",
  "short",
  "webhooks",
);

export const listWebhookDeliveries = /* @__PURE__ */ operation(
  "listWebhookDeliveries",
  "GET",
  "/webhooks/{endpoint_id}/deliveries",
  "safe",
  "short",
  "webhooks",
);

export const redeliverWebhook = /* @__PURE__ */ operation(
  "redeliverWebhook",
  "POST",
  "/webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver",
  "never",
  "short",
  "webhooks",
);

export const healthCheck = /* @__PURE__ */ operation(
  "healthCheck",
  "GET",
  "/health",
  "safe",
  "short",
  "system",
);

export const checkLiveness = /* @__PURE__ */ operation(
  "checkLiveness",
  "GET",
  "/health/live",
  "safe",
  "short",
  "system",
);

export const checkReadiness = /* @__PURE__ */ operation(
  "checkReadiness",
  "GET",
  "/health/ready",
  "safe",
  "short",
  "system",
);

export const getContract = /* @__PURE__ */ operation(
  "getContract",
  "GET",
  "/openapi.json",
  "safe",
  "short",
  "system",
);

export const getDocs = /* @__PURE__ */ operation(
  "getDocs",
  "GET",
  "/docs",
  "safe",
  "short",
  "system",
);
