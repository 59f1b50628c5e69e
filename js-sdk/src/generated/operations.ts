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

export const detectAnomalies: Operation = {
  id: "detectAnomalies",
  method: "POST",
  path: "/detect",
  retry: "safe",
  timeout: "normal",
  breaker: "detection",
};

export const listAlgorithms: Operation = {
  id: "listAlgorithms",
  method: "GET",
  path: "/algorithms",
  retry: "safe",
  timeout: "short",
  breaker: "algorithms",
};

export const getAlgorithm: Operation = {
  id: "getAlgorithm",
  method: "GET",
  path: "/algorithms/{name}",
  retry: "safe",
  timeout: "short",
  breaker: "algorithms",
};

export const listDatasets: Operation = {
  id: "listDatasets",
  method: "GET",
  path: "/datasets",
  retry: "safe",
  timeout: "short",
  breaker: "datasets",
};

export const uploadDataset: Operation = {
  id: "uploadDataset",
  method: "POST",
  path: "/datasets",
  retry: "idempotency-key",
  timeout: "long",
  breaker: "datasets",
};

export const getDataset: Operation = {
  id: "getDataset",
  method: "GET",
  path: "/datasets/{dataset_id}",
  retry: "safe",
  timeout: "short",
  breaker: "datasets",
};

export const deleteDataset: Operation = {
  id: "deleteDataset",
  method: "DELETE",
  path: "/datasets/{dataset_id}",
  retry: "safe",
  timeout: "short",
  breaker: "datasets",
};

export const profileDataset: Operation = {
  id: "profileDataset",
  method: "GET",
  path: "/datasets/{dataset_id}/profile",
  retry: "safe",
  timeout: "long",
  breaker: "datasets",
};

export const batchDetect: Operation = {
  id: "batchDetect",
  method: "POST",
  path: "/batch",
  retry: "idempotency-key",
  timeout: "normal",
  breaker: "jobs",
};

export const listJobs: Operation = {
  id: "listJobs",
  method: "GET",
  path: "/jobs",
  retry: "safe",
  timeout: "short",
  breaker: "jobs",
};

export const getJobStatus: Operation = {
  id: "getJobStatus",
  method: "GET",
  path: "/jobs/{job_id}",
  retry: "safe",
  timeout: "normal",
  breaker: "jobs",
};

export const cancelJob: Operation = {
  id: "cancelJob",
  method: "POST",
  path: "/jobs/{job_id}/cancel",
  retry: "safe",
  timeout: "short",
  breaker: "jobs",
};

export const getJobResult: Operation = {
  id: "getJobResult",
  method: "GET",
  path: "/jobs/{job_id}/result",
  retry: "safe",
  timeout: "long",
  breaker: "jobs",
};

export const streamJobEvents: Operation = {
  id: "streamJobEvents",
  method: "GET",
  path: "/jobs/{job_id}/events",
  retry: "safe",
  timeout: "long",
  breaker: "jobs",
};

export const listModels: Operation = {
  id: "listModels",
  method: "GET",
  path: "/models",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const trainModel: Operation = {
  id: "trainModel",
  method: "POST",
  path: "/models",
  retry: "idempotency-key",
  timeout: "normal",
  breaker: "models",
};

export const getModel: Operation = {
  id: "getModel",
  method: "GET",
  path: "/models/{name}",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const deleteModel: Operation = {
  id: "deleteModel",
  method: "DELETE",
  path: "/models/{name}",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const listModelVersions: Operation = {
  id: "listModelVersions",
  method: "GET",
  path: "/models/{name}/versions",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const getModelVersion: Operation = {
  id: "getModelVersion",
  method: "GET",
  path: "/models/{name}/versions/{version}",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const deleteModelVersion: Operation = {
  id: "deleteModelVersion",
  method: "DELETE",
  path: "/models/{name}/versions/{version}",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const getModelAlias: Operation = {
  id: "getModelAlias",
  method: "GET",
  path: "/models/{name}/aliases/{alias}",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const setModelAlias: Operation = {
  id: "setModelAlias",
  method: "PUT",
  path: "/models/{name}/aliases/{alias}",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const deleteModelAlias: Operation = {
  id: "deleteModelAlias",
  method: "DELETE",
  path: "/models/{name}/aliases/{alias}",
  retry: "safe",
  timeout: "short",
  breaker: "models",
};

export const rollbackModelAlias: Operation = {
  id: "rollbackModelAlias",
  method: "POST",
  path: "/models/{name}/aliases/{alias}/rollback",
  retry: "never",
  timeout: "short",
  breaker: "models",
};

export const predictWithModel: Operation = {
  id: "predictWithModel",
  method: "POST",
  path: "/models/{name}/predict",
  retry: "safe",
  timeout: "normal",
  breaker: "models",
};

export const createToken: Operation = {
  id: "createToken",
  method: "POST",
  path: "/auth/token",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const refreshToken: Operation = {
  id: "refreshToken",
  method: "POST",
  path: "/auth/token/refresh",
  retry: "never",
  timeout: "short",
  breaker: "auth",
};

export const revokeToken: Operation = {
  id: "revokeToken",
  method: "POST",
  path: "/auth/token/revoke",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const listUsers: Operation = {
  id: "listUsers",
  method: "GET",
  path: "/users",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const createUser: Operation = {
  id: "createUser",
  method: "POST",
  path: "/users",
  retry: "never",
  timeout: "short",
  breaker: "auth",
};

export const getUser: Operation = {
  id: "getUser",
  method: "GET",
  path: "/users/{user_id}",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const deleteUser: Operation = {
  id: "deleteUser",
  method: "DELETE",
  path: "/users/{user_id}",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const updateUser: Operation = {
  id: "updateUser",
  method: "PATCH",
  path: "/users/{user_id}",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const whoAmI: Operation = {
  id: "whoAmI",
  method: "GET",
  path: "/me",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const changePassword: Operation = {
  id: "changePassword",
  method: "POST",
  path: "/me/password",
  retry: "never",
  timeout: "short",
  breaker: "auth",
};

export const listApiKeys: Operation = {
  id: "listApiKeys",
  method: "GET",
  path: "/api-keys",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const createApiKey: Operation = {
  id: "createApiKey",
  method: "POST",
  path: "/api-keys",
  retry: "never",
  timeout: "short",
  breaker: "auth",
};

export const getApiKey: Operation = {
  id: "getApiKey",
  method: "GET",
  path: "/api-keys/{key_id}",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const revokeApiKey: Operation = {
  id: "revokeApiKey",
  method: "DELETE",
  path: "/api-keys/{key_id}",
  retry: "safe",
  timeout: "short",
  breaker: "auth",
};

export const rotateApiKey: Operation = {
  id: "rotateApiKey",
  method: "POST",
  path: "/api-keys/{key_id}/rotate",
  retry: "never",
  timeout: "short",
  breaker: "auth",
};

export const listCredentials: Operation = {
  id: "listCredentials",
  method: "GET",
  path: "/credentials",
  retry: "safe",
  timeout: "short",
  breaker: "credentials",
};

export const createCredential: Operation = {
  id: "createCredential",
  method: "POST",
  path: "/credentials",
  retry: "never",
  timeout: "normal",
  breaker: "credentials",
};

export const getCredential: Operation = {
  id: "getCredential",
  method: "GET",
  path: "/credentials/{credential_id}",
  retry: "safe",
  timeout: "short",
  breaker: "credentials",
};

export const replaceCredential: Operation = {
  id: "replaceCredential",
  method: "PUT",
  path: "/credentials/{credential_id}",
  retry: "safe",
  timeout: "normal",
  breaker: "credentials",
};

export const deleteCredential: Operation = {
  id: "deleteCredential",
  method: "DELETE",
  path: "/credentials/{credential_id}",
  retry: "never",
  timeout: "short",
  breaker: "credentials",
};

export const listAuditLog: Operation = {
  id: "listAuditLog",
  method: "GET",
  path: "/audit-log",
  retry: "safe",
  timeout: "long",
  breaker: "audit",
};

export const getUsage: Operation = {
  id: "getUsage",
  method: "GET",
  path: "/usage",
  retry: "safe",
  timeout: "short",
  breaker: "usage",
};

export const listWebhookEndpoints: Operation = {
  id: "listWebhookEndpoints",
  method: "GET",
  path: "/webhooks",
  retry: "safe",
  timeout: "short",
  breaker: "webhooks",
};

export const createWebhookEndpoint: Operation = {
  id: "createWebhookEndpoint",
  method: "POST",
  path: "/webhooks",
  retry: "never",
  timeout: "normal",
  breaker: "webhooks",
};

export const getWebhookEndpoint: Operation = {
  id: "getWebhookEndpoint",
  method: "GET",
  path: "/webhooks/{endpoint_id}",
  retry: "safe",
  timeout: "short",
  breaker: "webhooks",
};

export const deleteWebhookEndpoint: Operation = {
  id: "deleteWebhookEndpoint",
  method: "DELETE",
  path: "/webhooks/{endpoint_id}",
  retry: "never",
  timeout: "short",
  breaker: "webhooks",
};

export const updateWebhookEndpoint: Operation = {
  id: "updateWebhookEndpoint",
  method: "PATCH",
  path: "/webhooks/{endpoint_id}",
  retry: "safe",
  timeout: "normal",
  breaker: "webhooks",
};

export const rotateWebhookSecret: Operation = {
  id: "rotateWebhookSecret",
  method: "POST",
  path: "/webhooks/{endpoint_id}/rotate-secret",
  retry: "never",
  timeout: "short",
  breaker: "webhooks",
};

export const testWebhookEndpoint: Operation = {
  id: "testWebhookEndpoint",
  method: "POST",
  path: "/webhooks/{endpoint_id}/test",
  retry: "never",
  timeout: "short",
  breaker: "webhooks",
};

export const listWebhookDeliveries: Operation = {
  id: "listWebhookDeliveries",
  method: "GET",
  path: "/webhooks/{endpoint_id}/deliveries",
  retry: "safe",
  timeout: "short",
  breaker: "webhooks",
};

export const redeliverWebhook: Operation = {
  id: "redeliverWebhook",
  method: "POST",
  path: "/webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver",
  retry: "never",
  timeout: "short",
  breaker: "webhooks",
};

export const healthCheck: Operation = {
  id: "healthCheck",
  method: "GET",
  path: "/health",
  retry: "safe",
  timeout: "short",
  breaker: "system",
};

export const checkLiveness: Operation = {
  id: "checkLiveness",
  method: "GET",
  path: "/health/live",
  retry: "safe",
  timeout: "short",
  breaker: "system",
};

export const checkReadiness: Operation = {
  id: "checkReadiness",
  method: "GET",
  path: "/health/ready",
  retry: "safe",
  timeout: "short",
  breaker: "system",
};

export const getContract: Operation = {
  id: "getContract",
  method: "GET",
  path: "/openapi.json",
  retry: "safe",
  timeout: "short",
  breaker: "system",
};

export const getDocs: Operation = {
  id: "getDocs",
  method: "GET",
  path: "/docs",
  retry: "safe",
  timeout: "short",
  breaker: "system",
};

