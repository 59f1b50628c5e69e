// Generated from openapi/ by `make generate`; do not edit.

import { readOperations } from "../transport/operation.js";

/** The operations of the contract by their `operationId`. */
export const operations = /* @__PURE__ */ readOperations<
  | "detectAnomalies"
  | "listAlgorithms"
  | "getAlgorithm"
  | "listDatasets"
  | "uploadDataset"
  | "getDataset"
  | "deleteDataset"
  | "profileDataset"
  | "batchDetect"
  | "listJobs"
  | "getJobStatus"
  | "cancelJob"
  | "getJobResult"
  | "streamJobEvents"
  | "listModels"
  | "trainModel"
  | "getModel"
  | "deleteModel"
  | "listModelVersions"
  | "getModelVersion"
  | "deleteModelVersion"
  | "getModelAlias"
  | "setModelAlias"
  | "deleteModelAlias"
  | "rollbackModelAlias"
  | "predictWithModel"
  | "getModelFeedback"
  | "giveModelFeedback"
  | "packageModel"
  | "importModel"
  | "getModelDrift"
  | "getModelRetraining"
  | "setModelRetraining"
  | "deleteModelRetraining"
  | "retrainModel"
  | "createToken"
  | "refreshToken"
  | "revokeToken"
  | "listUsers"
  | "createUser"
  | "getUser"
  | "deleteUser"
  | "updateUser"
  | "whoAmI"
  | "changePassword"
  | "listApiKeys"
  | "createApiKey"
  | "getApiKey"
  | "revokeApiKey"
  | "rotateApiKey"
  | "listCredentials"
  | "createCredential"
  | "getCredential"
  | "replaceCredential"
  | "deleteCredential"
  | "listAuditLog"
  | "getUsage"
  | "listWebhookEndpoints"
  | "createWebhookEndpoint"
  | "getWebhookEndpoint"
  | "deleteWebhookEndpoint"
  | "updateWebhookEndpoint"
  | "rotateWebhookSecret"
  | "testWebhookEndpoint"
  | "listWebhookDeliveries"
  | "redeliverWebhook"
  | "healthCheck"
  | "checkLiveness"
  | "checkReadiness"
  | "getMetrics"
  | "getContract"
  | "getDocs"
>(`
:detection
detectAnomalies POST /detect timeout=normal body params
:algorithms
listAlgorithms GET /algorithms
getAlgorithm GET /algorithms/{name}
:datasets
listDatasets GET /datasets params list
uploadDataset POST /datasets retry=idempotency-key timeout=long body params header=Idempotency-Key
getDataset GET /datasets/{dataset_id}
deleteDataset DELETE /datasets/{dataset_id}
profileDataset GET /datasets/{dataset_id}/profile timeout=long
:jobs
batchDetect POST /batch retry=idempotency-key timeout=normal body params header=Idempotency-Key
listJobs GET /jobs params list
getJobStatus GET /jobs/{job_id} timeout=normal params
cancelJob POST /jobs/{job_id}/cancel
getJobResult GET /jobs/{job_id}/result timeout=long params stream list
streamJobEvents GET /jobs/{job_id}/events timeout=long params header=Last-Event-ID events
:models
listModels GET /models params list
trainModel POST /models retry=idempotency-key timeout=normal body params header=Idempotency-Key
getModel GET /models/{name}
deleteModel DELETE /models/{name}
listModelVersions GET /models/{name}/versions params list
getModelVersion GET /models/{name}/versions/{version}
deleteModelVersion DELETE /models/{name}/versions/{version}
getModelAlias GET /models/{name}/aliases/{alias}
setModelAlias PUT /models/{name}/aliases/{alias} body
deleteModelAlias DELETE /models/{name}/aliases/{alias}
rollbackModelAlias POST /models/{name}/aliases/{alias}/rollback retry=never
predictWithModel POST /models/{name}/predict timeout=normal body params
getModelFeedback GET /models/{name}/feedback
giveModelFeedback POST /models/{name}/feedback timeout=normal body
packageModel GET /models/{name}/package timeout=long read
importModel POST /model-packages timeout=long body params
getModelDrift GET /models/{name}/drift params
getModelRetraining GET /models/{name}/aliases/{alias}/retraining
setModelRetraining PUT /models/{name}/aliases/{alias}/retraining body
deleteModelRetraining DELETE /models/{name}/aliases/{alias}/retraining
retrainModel POST /models/{name}/aliases/{alias}/retraining/runs retry=never timeout=normal
:auth
createToken POST /auth/token body
refreshToken POST /auth/token/refresh retry=never body
revokeToken POST /auth/token/revoke body
whoAmI GET /me
listApiKeys GET /api-keys params list
createApiKey POST /api-keys retry=never body
getApiKey GET /api-keys/{key_id}
revokeApiKey DELETE /api-keys/{key_id}
rotateApiKey POST /api-keys/{key_id}/rotate retry=never body
:users
listUsers GET /users breaker=auth params list
createUser POST /users retry=never breaker=auth body
getUser GET /users/{user_id} breaker=auth
deleteUser DELETE /users/{user_id} breaker=auth
updateUser PATCH /users/{user_id} breaker=auth body
changePassword POST /me/password retry=never breaker=auth body
:credentials
listCredentials GET /credentials params list
createCredential POST /credentials retry=never timeout=normal body
getCredential GET /credentials/{credential_id}
replaceCredential PUT /credentials/{credential_id} timeout=normal body
deleteCredential DELETE /credentials/{credential_id} retry=never
:audit
listAuditLog GET /audit-log timeout=long params stream list
:usage
getUsage GET /usage
:webhooks
listWebhookEndpoints GET /webhooks params list
createWebhookEndpoint POST /webhooks retry=never timeout=normal body
getWebhookEndpoint GET /webhooks/{endpoint_id}
deleteWebhookEndpoint DELETE /webhooks/{endpoint_id} retry=never
updateWebhookEndpoint PATCH /webhooks/{endpoint_id} timeout=normal body
rotateWebhookSecret POST /webhooks/{endpoint_id}/rotate-secret retry=never
testWebhookEndpoint POST /webhooks/{endpoint_id}/test retry=never
listWebhookDeliveries GET /webhooks/{endpoint_id}/deliveries params list
redeliverWebhook POST /webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver retry=never
:system
healthCheck GET /health
checkLiveness GET /health/live
checkReadiness GET /health/ready
getMetrics GET /metrics timeout=normal read
getContract GET /openapi.json
getDocs GET /docs read`);
