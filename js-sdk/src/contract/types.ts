// Generated from openapi/ by `make generate`; do not edit.

export interface paths {
    "/detect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Detect anomalies in the rows of this request
         * @description Fits the algorithm to the rows and scores each of them. Rows come as JSON or, with the options as query
         *     parameters, as CSV, NDJSON, Parquet, an Arrow stream or NumPy's NPY format.
         *
         *     Numeric, categorical, boolean and date columns are used as they are; identifier columns are kept out of the model and
         *     returned beside the scores; free text is left out with a warning; missing values are handled and reported in `warnings`. Rows past the server's limit,
         *     and an algorithm that would take longer on them than a caller should wait, answer 413: upload them (`uploadDataset`) and submit a job
         *     (`batchDetect`).
         *
         *     With `timestamp_column` the rows are time series: they are scored in the order of time, by an algorithm for ordered rows
         *     or by any algorithm on sliding `windows`, and answered in the order they came.
         *
         *     Access: callers with the scope `detect:run`.
         */
        post: operations["detectAnomalies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/algorithms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the algorithms
         * @description Every algorithm on offer with its parameters as JSON Schema, its capabilities and its cost class.
         *
         *     Access: every caller with a valid credential.
         */
        get: operations["listAlgorithms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/algorithms/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe one algorithm
         * @description One algorithm by its name or an alias.
         *
         *     Access: every caller with a valid credential.
         */
        get: operations["getAlgorithm"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List datasets
         * @description The caller's datasets, newest first.
         *
         *     Access: callers with the scope `datasets:read`.
         */
        get: operations["listDatasets"];
        put?: never;
        /**
         * Upload a dataset
         * @description Stores a table for batch jobs. The body is streamed to storage and read once, so that a file that cannot be used is refused here and not later in a job. Repeat an upload safely with an `Idempotency-Key`: the same table under the same key makes one dataset.
         *
         *     Access: callers with the scope `datasets:write`.
         */
        post: operations["uploadDataset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/datasets/{dataset_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe a dataset
         * @description Size, shape and media type of a stored dataset.
         *
         *     Access: callers with the scope `datasets:read`.
         */
        get: operations["getDataset"];
        put?: never;
        post?: never;
        /**
         * Delete a dataset
         * @description Removes a dataset and all that is derived from it, but no result of a job that has read it. A dataset that a queued or running job names is kept (409); cancel the job first, or wait for its end.
         *
         *     Access: callers with the scope `datasets:write`.
         */
        delete: operations["deleteDataset"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/datasets/{dataset_id}/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Profile a dataset
         * @description What a dataset holds: the type of each column as detection would guess it, missing, distinct and frequent values, the shape of its numbers, repeated rows, and what deserves a look before a model learns from it. Made at the first call and kept.
         *
         *     Access: callers with the scope `datasets:read`.
         */
        get: operations["profileDataset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit a batch detection
         * @description Detects anomalies in uploaded datasets, or tables behind URLs, in the background. 202 means that the job is stored and will be worked on, whatever crashes; repeat a submission safely with an `Idempotency-Key`. With `model_id`, one version of a trained model scores all rows.
         *
         *     Access: callers with the scope `jobs:write`.
         */
        post: operations["batchDetect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List jobs
         * @description The caller's jobs, newest first.
         *
         *     Access: callers with the scope `jobs:read`.
         */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a job
         * @description State and progress of a job; with `wait` the answer comes when the job has ended or the time is up.
         *
         *     Access: callers with the scope `jobs:read`.
         */
        get: operations["getJobStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job
         * @description Asks a job to stop: a queued one ends at once, a running one within a second or two. A job that has ended answers 409.
         *
         *     Access: callers with the scope `jobs:write`.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the result of a job
         * @description The rows with their scores. As JSON the result comes in pages; as NDJSON, CSV, Parquet or an Excel workbook, asked for by
         *     `Accept` or by `format`, it comes whole. Without either it comes in the `output_format` that the job was submitted with.
         *     Text that a spreadsheet would run as a formula is quoted in CSV and Excel. A sheet of Excel holds 1,048,575 rows; a
         *     larger result answers 422 `too-many-rows`. A job that has not succeeded answers 409, and one whose `expires_at` has passed 410.
         *
         *     Access: callers with the scope `jobs:read`.
         */
        get: operations["getJobResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a job
         * @description Server-sent events: one `job` event with the whole job at each change, until it has ended. `Last-Event-ID` resumes after a lost connection.
         *
         *     Access: callers with the scope `jobs:read`.
         */
        get: operations["streamJobEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List models
         * @description The caller's models, newest first.
         *
         *     Access: callers with the scope `models:read`.
         */
        get: operations["listModels"];
        put?: never;
        /**
         * Train a model
         * @description Fits a detector in the background and keeps it as the next version of the model of this name, which is made where there is none. The rows come with the request (`data`), or from datasets and addresses as those of a batch detection. The job's `model` names the version once it has succeeded. With a `label_column` the version has metrics; the column itself is kept out of the model. Rows sent along are stored as a dataset. Repeat a training safely with an `Idempotency-Key`.
         *
         *     Access: callers with the scope `models:write`.
         */
        post: operations["trainModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe a model
         * @description A model with its newest version and its aliases.
         *
         *     Access: callers with the scope `models:read`.
         */
        get: operations["getModel"];
        put?: never;
        post?: never;
        /**
         * Delete a model
         * @description Removes a model with all of its versions. While an alias points at one of them, or a job that has not ended scores with one, the answer is 409 and names it; delete the aliases first, and wait for the jobs or cancel them. The name is free again.
         *
         *     Access: callers with the scope `models:write`.
         */
        delete: operations["deleteModel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the versions of a model
         * @description The versions of a model, newest first.
         *
         *     Access: callers with the scope `models:read`.
         */
        get: operations["listModelVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe a version of a model
         * @description What a version was made of and what it is: parameters, the training data's hash, columns and profile, metrics where there were labels, versions of libraries, the hash of its artefact, who trained it and when. A version never changes.
         *
         *     Access: callers with the scope `models:read`.
         */
        get: operations["getModelVersion"];
        put?: never;
        post?: never;
        /**
         * Delete a version of a model
         * @description Removes a version; its number is not given again. While an alias points at it, or a job that has not ended scores with it, the answer is 409 and names the alias or job.
         *
         *     Access: callers with the scope `models:write`.
         */
        delete: operations["deleteModelVersion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/aliases/{alias}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe an alias
         * @description Where an alias points, and where it pointed before.
         *
         *     Access: callers with the scope `models:read`.
         */
        get: operations["getModelAlias"];
        /**
         * Point an alias at a version
         * @description Makes an alias or moves it, at once for all callers: a prediction is made by the version before or by the new one, never by both. With a `canary` a share of the requests is scored by a second version, with a `shadow` another version scores them too, after the answer. Setting it to what it is already changes nothing.
         *
         *     Access: callers with the scope `models:write`.
         */
        put: operations["setModelAlias"];
        post?: never;
        /**
         * Delete an alias
         * @description Removes an alias and its history; the version stays.
         *
         *     Access: callers with the scope `models:write`.
         */
        delete: operations["deleteModelAlias"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/aliases/{alias}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Roll an alias back
         * @description Undoes the last change of an alias: it points where it pointed before, with the canary or shadow that it had; called again, one step further back. Versions deleted meanwhile are passed over. Where there is none before, the answer is 409.
         *
         *     Access: callers with the scope `models:write`.
         */
        post: operations["rollbackModelAlias"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/predict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Score rows with a model
         * @description Scores rows with a version of a model: `name` is its newest version, `name@3` a certain one, `name@production` the one that an alias points at. Each row's score depends on the row alone. The rows must have the columns that the model was trained with, of the same types; the answer names the version that scored.
         *
         *     Access: callers with the scope `models:use`.
         */
        post: operations["predictWithModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say how right a model was
         * @description Precision and recall of a version on the rows that labels were given for, at the threshold that holds, and the threshold that would have served best. `name@production` is the version that the alias points at, with the threshold of the alias.
         *
         *     Access: callers with the scope `models:read`.
         */
        get: operations["getModelFeedback"];
        put?: never;
        /**
         * Label scored rows
         * @description Says of rows that a version has scored whether they were anomalies. The rows come along as they were scored; a row's score depends on the row alone, so that the server knows it again. Of the rows themselves nothing is kept but a hash. The same row again replaces its label, so that a request may be repeated. The answer is that of `getModelFeedback`.
         *
         *     Access: callers with the scope `models:use`.
         */
        post: operations["giveModelFeedback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/package": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a version of a model as a file
         * @description The model with a card for people and its configuration in YAML, as one file that is signed with the key of this installation: `name` is the newest version, `name@3` a certain one, `name@production` the one that an alias points at. The same version has always the same bytes. `importModel` takes them back, here or at an installation whose operator trusts this one's key.
         *
         *     Access: callers with the scopes `models:read` and `models:use`.
         */
        get: operations["packageModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/model-packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import a version of a model
         * @description Makes the next version of a model from a file that `packageModel` gave. It is taken where this installation signed it, or one whose key the operator trusts (422 `untrusted-package` otherwise), and the signature is verified before anything in it is read; a file that is damaged or of a newer format answers 422 `bad-package`. Where the model has that version already, the answer names it and nothing is made, so that an import may be repeated.
         *
         *     Access: callers with the scope `models:write`.
         */
        post: operations["importModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say how far a model's rows have moved
         * @description Compares the rows that a version has scored, and their scores, with those that it was trained on: the population stability index and the Kolmogorov-Smirnov statistic of each feature. `name@production` is the version that the alias points at.
         *
         *     Access: callers with the scope `models:read`.
         */
        get: operations["getModelDrift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/aliases/{alias}/retraining": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe how an alias is trained anew
         * @description The rule of an alias, what it is about, and what came of it last.
         *
         *     Access: callers with the scope `models:read`.
         */
        get: operations["getModelRetraining"];
        /**
         * Say how an alias is trained anew
         * @description Makes or changes the rule by which new versions are trained on the newest dataset of a name, validated on rows held out against the version that the alias points at, put behind the alias where they pass, watched there, and taken back where errors or alerts rise.
         *
         *     Access: callers with the scope `models:write`.
         */
        put: operations["setModelRetraining"];
        post?: never;
        /**
         * Delete the rule of an alias
         * @description Ends training anew and watching; a training that runs makes its version, but moves no alias.
         *
         *     Access: callers with the scope `models:write`.
         */
        delete: operations["deleteModelRetraining"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{name}/aliases/{alias}/retraining/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Train an alias anew now
         * @description Does what the rule of the alias would do when it is due. Where a training by the rule runs already, or its last version is still being watched, the answer is 409.
         *
         *     Access: callers with the scope `models:write`.
         */
        post: operations["retrainModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description Exchanges a username and a password for an access token, which is a bearer credential for 15 minutes unless the server is set up otherwise, and a refresh token, which is good for new ones. A wrong password, an unknown user and a disabled one are answered alike.
         *
         *     Access: everybody, without a credential.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/token/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Renew an access token
         * @description Exchanges a refresh token for new tokens. Each refresh token works once: when one that was used already comes back, nobody can tell its owner from a thief, so the whole session ends and its user has to log in again.
         *
         *     Access: everybody, without a credential.
         */
        post: operations["refreshToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/token/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log out
         * @description Ends the session of a refresh token: its access tokens are refused within a second, and no refresh token of it works any more. An unknown token, or one of a session that has ended, is answered in the same way.
         *
         *     Access: everybody, without a credential.
         */
        post: operations["revokeToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List users
         * @description The tenant's users, newest first, disabled ones included.
         *
         *     Access: callers with the scope `users:read`.
         */
        get: operations["listUsers"];
        put?: never;
        /**
         * Make a user
         * @description Makes a user, who can log in at once. Nobody can give a role that may do more than they may. A username that is taken in the tenant answers 409.
         *
         *     Access: callers with the scope `users:write`.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a user
         * @description Name, role and state of a user.
         *
         *     Access: callers with the scope `users:read`.
         */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /**
         * Delete a user
         * @description Deletes a user and ends every session they have. The last admin of a tenant cannot be deleted (409).
         *
         *     Access: callers with the scope `users:write`.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Change a user
         * @description Changes what is given and leaves the rest. A role takes effect within a second on every process of the server. Disabling a user, or setting a password for them, ends every session they have. Nobody can change a user who may do more than they may, and the last admin of a tenant stays one (409).
         *
         *     Access: callers with the scope `users:write`.
         */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say who is calling
         * @description The caller that the credential stands for, its tenant and what it may do.
         *
         *     Access: every caller with a valid credential.
         */
        get: operations["whoAmI"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change one's own password
         * @description Gives the user who calls another password and ends every other session they have; the one that calls goes on. A `current_password` that is wrong answers 422, and an API key, which has no password, is answered 403.
         *
         *     Access: every caller with a valid credential.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description The tenant's API keys, newest first, revoked and expired ones included. The keys themselves are never shown again.
         *
         *     Access: callers with the scope `keys:read`.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Make an API key
         * @description Makes a key and shows it, this once. A key can be given no scope that the caller lacks.
         *
         *     Access: callers with the scope `keys:write`.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe an API key
         * @description Name, scopes, expiry and last use of a key.
         *
         *     Access: callers with the scope `keys:read`.
         */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description The key is refused by every process of the server within a second. Revoking it again changes nothing.
         *
         *     Access: callers with the scope `keys:write`.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys/{key_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace an API key
         * @description Makes a key with the name, the scopes and the expiry of this one and shows it, this once. The old key goes on working for `overlap_seconds`, so that callers can change over without a failed request. A key that is revoked or expired answers 409.
         *
         *     Access: callers with the scope `keys:write`.
         */
        post: operations["rotateApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List stored credentials
         * @description The tenant's credentials, newest first, without their secrets.
         *
         *     Access: callers with the scope `credentials:read`.
         */
        get: operations["listCredentials"];
        put?: never;
        /**
         * Store a credential
         * @description Stores what a worker needs to read a bucket or a database for this tenant's jobs. The secrets are encrypted, and nothing shows them again; the answer has a hint by which to tell them. Where they would be sent has to be on the public internet.
         *
         *     Access: callers with the scope `credentials:write`.
         */
        post: operations["createCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/credentials/{credential_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe a stored credential
         * @description What a credential is for and when it was stored, without its secrets.
         *
         *     Access: callers with the scope `credentials:read`.
         */
        get: operations["getCredential"];
        /**
         * Replace a stored credential
         * @description Puts a new name and new secrets of the same kind in place of the old ones, whole: nothing of the old is kept. Jobs that have not read their sources yet use the new ones.
         *
         *     Access: callers with the scope `credentials:write`.
         */
        put: operations["replaceCredential"];
        post?: never;
        /**
         * Delete a stored credential
         * @description Deletes a credential. While a job that has not ended is to read a source with it, the answer is 409 and names the job.
         *
         *     Access: callers with the scope `credentials:write`.
         */
        delete: operations["deleteCredential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show who did what
         * @description The tenant's audit log, newest first: every operation that changes something, every download of a result, and what was
         *     refused (401 with a credential that once worked, 403). As JSON it comes in pages; as NDJSON or CSV, asked for by
         *     `Accept` or by `format`, it comes whole, and `limit` and `cursor` are ignored.
         *
         *     Entries hold no payloads and no secrets. Each is bound to the one before by `previous_hash` and `hash`, so that
         *     an entry that was changed, removed or moved is found by `pynomaly audit verify`. Refusals, failures and
         *     downloads that repeat within a minute are noted once.
         *
         *     Access: callers with the scope `audit:read`.
         */
        get: operations["listAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what is used of the quotas
         * @description What the tenant has used of each of its quotas: requests and scored rows in this month (UTC), bytes of its datasets, and jobs that have not ended.
         *
         *     Access: every caller with a valid credential.
         */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook endpoints
         * @description The caller's endpoints, newest first, without their secrets.
         *
         *     Access: callers with the scope `webhooks:read`.
         */
        get: operations["listWebhookEndpoints"];
        put?: never;
        /**
         * Create a webhook endpoint
         * @description Registers an address that is told when jobs end. Each message is signed by the Standard Webhooks scheme; the answer holds the secret that verifies it, and nothing shows it again. The address must be public and https.
         *
         *     Access: callers with the scope `webhooks:write`.
         */
        post: operations["createWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{endpoint_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a webhook endpoint
         * @description An endpoint, without its secret.
         *
         *     Access: callers with the scope `webhooks:read`.
         */
        get: operations["getWebhookEndpoint"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook endpoint
         * @description Deletes an endpoint with its deliveries. An attempt that is under way may still arrive.
         *
         *     Access: callers with the scope `webhooks:write`.
         */
        delete: operations["deleteWebhookEndpoint"];
        options?: never;
        head?: never;
        /**
         * Change a webhook endpoint
         * @description Changes what is given and leaves the rest. While an endpoint is disabled it is sent nothing, and what was pending for it ends as failed.
         *
         *     Access: callers with the scope `webhooks:write`.
         */
        patch: operations["updateWebhookEndpoint"];
        trace?: never;
    };
    "/webhooks/{endpoint_id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate the secret of a webhook endpoint
         * @description Gives the endpoint a new secret. For 24 hours messages carry two signatures, by the new secret and by the one it replaces, so that receivers can change over; rotating again within that time drops the older one at once.
         *
         *     Access: callers with the scope `webhooks:write`.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{endpoint_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test message
         * @description Sends a message of the type `webhook.test`, whatever types the endpoint is subscribed to. A disabled endpoint answers 409.
         *
         *     Access: callers with the scope `webhooks:write`.
         */
        post: operations["testWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{endpoint_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the deliveries of a webhook endpoint
         * @description What was sent to an endpoint, or is to be, newest first, each with its latest attempts. Deliveries are kept for 30 days.
         *
         *     Access: callers with the scope `webhooks:read`.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a delivery again
         * @description Sends the message again with the same `webhook-id`, at once and then on the usual schedule. While the endpoint is disabled, or an attempt is under way, the answer is 409.
         *
         *     Access: callers with the scope `webhooks:write`.
         */
        post: operations["redeliverWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check the server
         * @description Asks the database, the broker and the workers and says how each is. Always 200 while the process can answer; read `status`.
         *
         *     Access: everybody, without a credential.
         */
        get: operations["healthCheck"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check that the process lives
         * @description For process supervisors. It asks nothing else, so a failing database does not restart the server.
         *
         *     Access: everybody, without a credential.
         */
        get: operations["checkLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check that requests can be served
         * @description For load balancers. 503 while the database cannot be reached. Without broker or workers it stays 200 and says `degraded`: detection works, and submitted jobs are stored and wait.
         *
         *     Access: everybody, without a credential.
         */
        get: operations["checkReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the figures of the server
         * @description Counters, histograms and gauges of the whole server in Prometheus' text format: all API processes, workers and sweepers together, whichever of them answers, so one address is to be scraped and not each process. They are about all tenants; callers of another tenant than `default`, which is the operator's, are refused with 403. What a part that is away would have said is left out.
         *
         *     Access: callers with the scope `metrics:read`.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the contract
         * @description This document, bundled into one.
         *
         *     Access: everybody, without a credential.
         */
        get: operations["getContract"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the documentation
         * @description A page to read the contract and try it out; works without internet access.
         *
         *     Access: everybody, without a credential.
         */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "job.succeeded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A job has succeeded
         * @description The result of the job is there.
         */
        post: operations["jobSucceeded"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "job.failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A job has failed
         * @description There will be no result; `error` says why.
         */
        post: operations["jobFailed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "job.cancelled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A job was cancelled
         * @description Its owner or the operator has cancelled it.
         */
        post: operations["jobCancelled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A test message
         * @description Sent by `testWebhookEndpoint`, whatever the endpoint is subscribed to.
         */
        post: operations["webhookTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /**
         * @description One algorithm on offer.
         * @example {
         *       "name": "isolation_forest",
         *       "title": "Isolation forest",
         *       "description": "Isolates rows by random splits; anomalies take few splits.",
         *       "reference": "Liu, Ting, Zhou 2008",
         *       "aliases": [
         *         "iforest"
         *       ],
         *       "parameters": {
         *         "type": "object",
         *         "properties": {
         *           "n_estimators": {
         *             "type": "integer",
         *             "default": 100
         *           }
         *         }
         *       },
         *       "capabilities": [
         *         "inductive",
         *         "seeded"
         *       ],
         *       "cost": "low",
         *       "complexity": "O(trees * samples * log samples) to fit",
         *       "min_rows": 3,
         *       "available": true
         *     }
         */
        Algorithm: {
            /** @description Canonical name. */
            name: string;
            /** @description Name for people. */
            title: string;
            /** @description What it finds and when to use it. */
            description: string;
            /** @description The paper it comes from. */
            reference: string;
            /** @description Other names that are accepted. */
            aliases: string[];
            parameters: components["schemas"]["ParameterSchema"];
            /** @description What it can do, e.g. `seeded` or `exact-explanations`. */
            capabilities: string[];
            /** @description Cost class: low, medium or high. */
            cost: string;
            /** @description How time grows with rows and columns. */
            complexity: string;
            /** @description Fewest rows it can learn from. */
            min_rows: number;
            /** @description Whether this server can run it; if not, `algorithm-unavailable` says what to install. */
            available: boolean;
        };
        /**
         * @description Every algorithm on offer.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        AlgorithmList: {
            /** @description The algorithms by name. */
            items: components["schemas"]["Algorithm"][];
            /** @description Always null: the list comes whole. */
            next_cursor: string | null;
        };
        /**
         * @description Name or alias of an algorithm, see `GET /algorithms`.
         * @default isolation_forest
         * @example isolation_forest
         */
        AlgorithmName: string;
        /**
         * @description An API key, without the key itself.
         * @example {
         *       "key_id": "key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "name": "nightly import",
         *       "prefix": "pyn_3kT9xQ2a",
         *       "scopes": [
         *         "datasets:write",
         *         "jobs:write"
         *       ],
         *       "created_at": "2026-05-01T12:00:00Z",
         *       "expires_at": null,
         *       "revoked_at": null,
         *       "last_used_at": null
         *     }
         */
        ApiKey: {
            /** @description Id of the key. */
            key_id: string;
            /** @description What it is for. */
            name: string;
            /** @description How the key begins, to tell it by. */
            prefix: string;
            /** @description What it may do; `*` is everything. */
            scopes: string[];
            /**
             * Format: date-time
             * @description When it was made (UTC).
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it stops working (UTC), null for never.
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description When it was revoked (UTC), null while it was not.
             */
            revoked_at: string | null;
            /**
             * Format: date-time
             * @description When it was last used (UTC), to the minute; null for never.
             */
            last_used_at: string | null;
        };
        /**
         * @description A page of keys, newest first.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ApiKeyList: {
            /** @description The keys. */
            items: components["schemas"]["ApiKey"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /**
         * Format: binary
         * @description An Apache Arrow IPC stream.
         */
        ArrowTable: string;
        /**
         * @description One thing that a caller did, or was refused to do.
         * @example {
         *       "seq": 7,
         *       "time": "2026-05-01T12:00:00.000000Z",
         *       "actor": "key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "action": "createApiKey",
         *       "resource": "key_0190c8f2a4b87c3e9d1f6a5b4c3d2e20",
         *       "outcome": "succeeded",
         *       "status": 201,
         *       "address": "192.0.2.7",
         *       "request_id": "req_0190c8f2a4b87c3e9d1f6a5b4c3d2e21",
         *       "previous_hash": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
         *       "hash": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
         *     }
         */
        AuditEntry: {
            /** @description Its number in the log of the tenant, from 1 on without gaps. */
            seq: number;
            /**
             * Format: date-time
             * @description When it was done (UTC).
             */
            time: string;
            /** @description Who did it: the id of the key or user. */
            actor: string;
            /** @description The operation. */
            action: string;
            /** @description Id of what it was done to, a model's name with the alias or version; null where it is about no single thing. */
            resource: string | null;
            /** @description `succeeded`, `refused` (401, 403) or `failed` (any other error). */
            outcome: string;
            /** @description The HTTP status of the answer. */
            status: number;
            /** @description Address of the caller, null where it is not known. */
            address: string | null;
            /** @description Identifies the request in the logs of the server. */
            request_id: string;
            /** @description The `hash` of the entry before, in hex; zeros for the first. */
            previous_hash: string;
            /** @description HMAC-SHA256 over this entry and `previous_hash`, in hex. */
            hash: string;
        };
        /**
         * @description A page of the audit log, newest first.
         * @example {
         *       "items": [
         *         {
         *           "seq": 7,
         *           "time": "2026-05-01T12:00:00.000000Z",
         *           "actor": "key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *           "action": "createApiKey",
         *           "resource": "key_0190c8f2a4b87c3e9d1f6a5b4c3d2e20",
         *           "outcome": "succeeded",
         *           "status": 201,
         *           "address": "192.0.2.7",
         *           "request_id": "req_0190c8f2a4b87c3e9d1f6a5b4c3d2e21",
         *           "previous_hash": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
         *           "hash": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
         *         }
         *       ],
         *       "next_cursor": null
         *     }
         */
        AuditLog: {
            /** @description The entries. */
            items: components["schemas"]["AuditEntry"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /**
         * @description Datasets and how to look for anomalies among their rows.
         * @example {
         *       "data_sources": [
         *         "dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *       ],
         *       "algorithm": "isolation_forest",
         *       "contamination": 0.02
         *     }
         */
        BatchDetectionRequest: {
            /** @description The tables, all with the same columns; their rows are taken one after the other. */
            data_sources: components["schemas"]["DataSource"][];
            /** @description A trained model that scores the rows instead of one fitted to them. The version that the reference means when the job is submitted scores all of them; behind an alias that shares its requests that is the alias' own. Needs the scope `models:use` besides; options of the fit are then refused. */
            model_id?: components["schemas"]["ModelReference"];
            algorithm?: components["schemas"]["AlgorithmName"];
            parameters?: components["schemas"]["Parameters"];
            ensemble_methods?: components["schemas"]["EnsembleMethods"];
            contamination?: components["schemas"]["Contamination"];
            features?: components["schemas"]["Features"];
            column_types?: components["schemas"]["ColumnTypes"];
            timestamp_column?: components["schemas"]["TimestampColumn"];
            series_column?: components["schemas"]["SeriesColumn"];
            windows?: components["schemas"]["Windows"];
            /**
             * @description Whether the result has `confidence`.
             * @default false
             */
            return_confidence?: boolean;
            /**
             * @description Whether anomalous rows are explained in the result.
             * @default false
             */
            include_explanations?: boolean;
            /**
             * @description Seed of the algorithm; the same seed and data give the same scores.
             * @default 0
             */
            random_state?: number;
            /**
             * @description Format of the result where the caller of `getJobResult` names none.
             * @default json
             * @enum {string}
             */
            output_format?: "json" | "ndjson" | "csv" | "parquet" | "excel";
        };
        /**
         * @description Who is calling.
         * @example {
         *       "tenant_id": "ten_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "subject": "key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "role": null,
         *       "scopes": [
         *         "detect:run",
         *         "jobs:read"
         *       ]
         *     }
         */
        Caller: {
            /** @description The tenant whose data the caller sees. */
            tenant_id: string;
            /** @description Who it is: the id of the API key, or of the user who logged in. */
            subject: string;
            /** @description The role of the user, null for an API key. */
            role: string | null;
            /** @description What the caller may do; `*` is everything. */
            scopes: string[];
        };
        /** @description One value of a table. */
        Cell: string | number | boolean | null;
        /** @description How the server read one column of the data. */
        Column: {
            /** @description Name of the column. */
            name: string;
            /** @description numeric, categorical, boolean, datetime, identifier or text. */
            type: string;
            /** @description Number of missing values. */
            missing: number;
            /** @description Whether the model uses the column. */
            used: boolean;
            /** @description Why it is left out, or how its missing values were handled. */
            note?: string | null;
        };
        /** @description How far one column has moved. What is null could not be compared. */
        ColumnDrift: {
            /** @description Name of the feature, or `scores`. */
            name: string;
            /** @description Type of the column; `score` for the scores. */
            type: string;
            /** @description Rows that were counted. */
            n_rows: number;
            /** @description Those of them without a value. */
            missing: number;
            /** @description Population stability index. */
            psi?: number | null;
            /** @description What the index exceeds once in 20 times where nothing has changed. */
            psi_by_chance?: number | null;
            /** @description Kolmogorov-Smirnov statistic; null for categories, which have no order. */
            ks?: number | null;
            /** @description What the statistic exceeds once in 20 times where nothing has changed. */
            ks_by_chance?: number | null;
            /** @description `stable`, `moderate`, `large` or `too-few-rows`. */
            verdict: string;
        };
        /** @description What one column holds. */
        ColumnProfile: {
            /** @description Name of the column. */
            name: string;
            /** @description The type that detection would guess: numeric, categorical, boolean, datetime, identifier or text. */
            type: string;
            /** @description Missing values, NaN among them. */
            missing: number;
            /** @description Their share of the rows. */
            missing_share: number;
            /** @description Number of different values that are not missing. */
            distinct: number;
            /** @description Whether `distinct` is an estimate, as it is beyond some thousand different values (in narrow tables 100,000); its standard error is at most 1.6 %. */
            distinct_approximate: boolean;
            /** @description Whether all values that are not missing are the same. */
            constant: boolean;
            /** @description Whether the column tells rows apart, and is kept out of a model. */
            identifier: boolean;
            /** @description The shape of the numbers of a numeric column that has any. */
            numeric?: components["schemas"]["NumericProfile"] | null;
            /** @description The extremes of a datetime column. */
            datetime?: components["schemas"]["DatetimeProfile"] | null;
            /** @description The up to 10 most frequent values of a categorical, boolean or text column, with exact counts. */
            top_values?: components["schemas"]["ValueCount"][] | null;
        };
        /**
         * @description How a column is read. Neither an `identifier` nor free `text` is used by the model.
         * @enum {string}
         */
        ColumnType: "numeric" | "categorical" | "boolean" | "datetime" | "identifier" | "text";
        /**
         * @description Says the type of columns where the server should not guess, by column name.
         * @example {
         *       "customer_id": "identifier"
         *     }
         */
        ColumnTypes: {
            [key: string]: components["schemas"]["ColumnType"];
        };
        /**
         * @description The share of rows expected to be anomalous, which sets the decision threshold; `auto` finds it from the scores.
         * @default 0.1
         * @example 0.05
         */
        Contamination: number | "auto";
        /**
         * @description An OpenAPI 3.1 document.
         * @example {
         *       "openapi": "3.1.0"
         *     }
         */
        Contract: {
            [key: string]: unknown;
        };
        /** @description How much one feature made a row stand out. */
        Contribution: {
            /** @description Name of the column. */
            feature: string;
            value: components["schemas"]["Cell"];
            expected: components["schemas"]["Cell"];
            /** @description Share of this feature in the row's abnormality; the shares of a row sum to 1. */
            contribution: number;
        };
        /**
         * @description A key to be made.
         * @example {
         *       "name": "nightly import",
         *       "scopes": [
         *         "datasets:write",
         *         "jobs:write"
         *       ],
         *       "expires_at": "2027-01-01T00:00:00Z"
         *     }
         */
        CreateApiKeyRequest: {
            /** @description What the key is for, for people to read; no control characters. */
            name: string;
            scopes: components["schemas"]["Scopes"];
            /**
             * Format: date-time
             * @description When the key stops working (UTC); null for never.
             * @default null
             */
            expires_at?: string | null;
        };
        /**
         * @description A stored credential, without its secrets.
         * @example {
         *       "credential_id": "crd_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "name": "sensor archive",
         *       "kind": "s3",
         *       "hint": "…MPLE",
         *       "endpoint": "https://s3.eu-central-1.amazonaws.com",
         *       "created_at": "2026-05-01T12:00:00Z",
         *       "updated_at": "2026-05-01T12:00:00Z"
         *     }
         */
        Credential: {
            /** @description Id of the credential. */
            credential_id: string;
            /** @description What it is for. */
            name: string;
            /** @description `s3`, `gcs` or `postgresql`. */
            kind: string;
            /** @description What to tell it by: the last characters of the access key's id, the service account, or the user. */
            hint: string;
            /** @description Where it is used. */
            endpoint: string;
            /**
             * Format: date-time
             * @description When it was stored (UTC).
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last replaced (UTC).
             */
            updated_at: string;
        };
        /**
         * @description A page of stored credentials, newest first.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        CredentialList: {
            /** @description The credentials. */
            items: components["schemas"]["Credential"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /**
         * @description A credential to be stored, of the kind whose secrets are given; exactly one of them is.
         * @example {
         *       "name": "sensor archive",
         *       "s3": {
         *         "access_key_id": "AKIAIOSFODNN7EXAMPLE",
         *         "secret_access_key": "not-a-real-secret",
         *         "region": "eu-central-1"
         *       }
         *     }
         */
        CredentialRequest: {
            /** @description What the credential is for, for people to read; no control characters. */
            name: string;
            s3?: components["schemas"]["S3Secrets"];
            gcs?: components["schemas"]["GcsSecrets"];
            postgresql?: components["schemas"]["PostgresqlSecrets"];
        };
        /** @description A table with a header line; separated by comma, semicolon, tab or pipe; UTF-8. */
        CsvTable: string;
        /** @description A table: the id of an uploaded dataset, the `https://` URL of one that the worker fetches, or an object that names a stored credential as well. An address must be on the public internet, and redirects are not followed. */
        DataSource: string | components["schemas"]["RemoteSource"];
        /**
         * @description A table stored on the server.
         * @example {
         *       "dataset_id": "dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "name": "transactions.csv",
         *       "media_type": "text/csv",
         *       "size_bytes": 181234,
         *       "n_rows": 2000,
         *       "n_columns": 9,
         *       "created_at": "2026-05-01T12:00:00Z"
         *     }
         */
        Dataset: {
            /** @description Id of the dataset. */
            dataset_id: string;
            /** @description The caller's name for it. */
            name: string | null;
            /** @description Media type it was uploaded in. */
            media_type: string;
            /** @description Stored size in bytes. */
            size_bytes: number;
            /** @description Number of rows. */
            n_rows: number;
            /** @description Number of columns. */
            n_columns: number;
            /**
             * Format: date-time
             * @description When it was stored (UTC).
             */
            created_at: string;
        };
        /**
         * @description A page of datasets, newest first.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        DatasetList: {
            /** @description The datasets. */
            items: components["schemas"]["Dataset"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /**
         * @description What a dataset holds.
         * @example {
         *       "dataset_id": "dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "n_rows": 4,
         *       "n_columns": 2,
         *       "columns": [
         *         {
         *           "name": "amount",
         *           "type": "numeric",
         *           "missing": 1,
         *           "missing_share": 0.25,
         *           "distinct": 3,
         *           "distinct_approximate": false,
         *           "constant": false,
         *           "identifier": false,
         *           "numeric": {
         *             "min": 0,
         *             "max": 90,
         *             "mean": 33.5,
         *             "std": 49.2,
         *             "q1": 5.25,
         *             "median": 10.5,
         *             "q3": 50.25,
         *             "quartiles_approximate": false,
         *             "zeros": 1,
         *             "histogram": {
         *               "edges": [
         *                 0,
         *                 45,
         *                 90
         *               ],
         *               "counts": [
         *                 2,
         *                 1
         *               ]
         *             }
         *           }
         *         },
         *         {
         *           "name": "country",
         *           "type": "categorical",
         *           "missing": 0,
         *           "missing_share": 0,
         *           "distinct": 2,
         *           "distinct_approximate": false,
         *           "constant": false,
         *           "identifier": false,
         *           "top_values": [
         *             {
         *               "value": "DE",
         *               "count": 3
         *             },
         *             {
         *               "value": "FR",
         *               "count": 1
         *             }
         *           ]
         *         }
         *       ],
         *       "duplicate_rows": {
         *         "count": 0,
         *         "share": 0,
         *         "approximate": false
         *       },
         *       "warnings": []
         *     }
         */
        DatasetProfile: {
            /** @description Id of the dataset. */
            dataset_id: string;
            /** @description Number of rows. */
            n_rows: number;
            /** @description Number of columns. */
            n_columns: number;
            /** @description The columns in their order. */
            columns: components["schemas"]["ColumnProfile"][];
            duplicate_rows: components["schemas"]["DuplicateRows"];
            /** @description What the owner should know: `empty-column`, `constant-column`, `numbers-as-text`, `date-out-of-range`. */
            warnings: components["schemas"]["Warning"][];
        };
        /** @description The first and the last time, as ISO 8601 text in UTC; days where no value has a time of day. */
        DatetimeProfile: {
            /** @description The first. */
            min: string;
            /** @description The last. */
            max: string;
        };
        /**
         * @description Rows and how to look for anomalies among them.
         * @example {
         *       "data": [
         *         [
         *           1,
         *           2.1
         *         ],
         *         [
         *           0.9,
         *           2
         *         ],
         *         [
         *           1.1,
         *           1.9
         *         ],
         *         [
         *           1,
         *           2.2
         *         ],
         *         [
         *           0.8,
         *           2.1
         *         ],
         *         [
         *           9.5,
         *           -4
         *         ],
         *         [
         *           1.2,
         *           2
         *         ],
         *         [
         *           1,
         *           1.8
         *         ],
         *         [
         *           0.9,
         *           2.2
         *         ],
         *         [
         *           1.1,
         *           2.1
         *         ]
         *       ],
         *       "algorithm": "isolation_forest",
         *       "contamination": 0.1
         *     }
         */
        DetectionRequest: {
            /** @description The rows, all arrays or all objects. The server's row limit (413) points to the batch operation. */
            data: components["schemas"]["Row"][];
            /** @description Names of the columns where rows are arrays. */
            column_names?: string[];
            /** @description A trained model that scores the rows instead of one fitted to them, as in `predictWithModel`. Needs the scope `models:use`; options of the fit are then refused. */
            model_id?: components["schemas"]["ModelReference"];
            algorithm?: components["schemas"]["AlgorithmName"];
            parameters?: components["schemas"]["Parameters"];
            ensemble_methods?: components["schemas"]["EnsembleMethods"];
            contamination?: components["schemas"]["Contamination"];
            features?: components["schemas"]["Features"];
            column_types?: components["schemas"]["ColumnTypes"];
            timestamp_column?: components["schemas"]["TimestampColumn"];
            series_column?: components["schemas"]["SeriesColumn"];
            windows?: components["schemas"]["Windows"];
            /**
             * @description Whether to return `confidence`.
             * @default false
             */
            return_confidence?: boolean;
            /**
             * @description Whether to return `explanations`.
             * @default false
             */
            include_explanations?: boolean;
            explain_rows?: components["schemas"]["ExplainRows"];
            /**
             * @description Seed of the algorithm; the same seed and data give the same scores.
             * @default 0
             */
            random_state?: number;
        };
        /**
         * @description Scores and predictions, one of each per row, in the order of the rows.
         * @example {
         *       "predictions": [
         *         0,
         *         1
         *       ],
         *       "scores": [
         *         0.12,
         *         0.97
         *       ],
         *       "threshold": 0.61,
         *       "contamination": 0.1,
         *       "n_rows": 2,
         *       "n_anomalies": 1,
         *       "feature_names": [
         *         "x0",
         *         "x1"
         *       ],
         *       "columns": [
         *         {
         *           "name": "x0",
         *           "type": "numeric",
         *           "missing": 0,
         *           "used": true
         *         },
         *         {
         *           "name": "x1",
         *           "type": "numeric",
         *           "missing": 0,
         *           "used": true
         *         }
         *       ],
         *       "identifiers": {},
         *       "algorithm": "isolation_forest",
         *       "warnings": [],
         *       "source": "server",
         *       "elapsed_ms": 12.5
         *     }
         */
        DetectionResult: {
            /** @description 1 for an anomaly, 0 for a normal row; 1 exactly where the score is at least 0.5. */
            predictions: number[];
            /** @description Calibrated scores in [0, 1]; higher is more abnormal. */
            scores: number[];
            /** @description Probability per row that its prediction would stay the same under a refit. */
            confidence?: number[] | null;
            /** @description Explanations of the rows asked for, in the order of the rows. */
            explanations?: components["schemas"]["RowExplanation"][] | null;
            /** @description What the method expects of the rows as time series; null where it has no expectations. */
            series?: components["schemas"]["SeriesExpectation"] | null;
            /** @description Decision threshold on the algorithm's raw score. */
            threshold: number;
            /** @description The contamination the threshold was set for. */
            contamination: number;
            /** @description Number of rows. */
            n_rows: number;
            /** @description Number of rows predicted anomalous. */
            n_anomalies: number;
            /** @description The columns the model used. */
            feature_names: string[];
            /** @description How each column was read. */
            columns: components["schemas"]["Column"][];
            identifiers: components["schemas"]["Identifiers"];
            /** @description The algorithm's canonical name. */
            algorithm: string;
            /** @description What the caller should know. */
            warnings: components["schemas"]["Warning"][];
            /** @description The trained model that scored; null where one was fitted to the rows. */
            model?: components["schemas"]["ScoringModel"] | null;
            /** @description `server`, or `fallback` where a client answered by itself. */
            source: string;
            /** @description Time the server spent on detection in milliseconds. */
            elapsed_ms: number;
        };
        /** @description Rows that are equal to an earlier row in every column. */
        DuplicateRows: {
            /** @description How many there are. */
            count: number;
            /** @description Their share of all rows. */
            share: number;
            /** @description Whether both are estimates, as they are beyond 100,000 different rows. */
            approximate: boolean;
        };
        /**
         * @description Algorithms, by name or alias, that score together as the algorithm `ensemble`; `parameters` are then those of `ensemble`.
         * @example [
         *       "isolation_forest",
         *       "knn"
         *     ]
         */
        EnsembleMethods: string[];
        /**
         * Format: binary
         * @description An Excel workbook (XLSX) with the rows on the sheet `Results` and what holds for all on `Summary`.
         */
        ExcelTable: string;
        /**
         * @description Which rows are explained where explanations are asked for.
         * @default anomalies
         * @enum {string}
         */
        ExplainRows: "anomalies" | "all";
        /**
         * @description The columns the model may use; every usable column where it is left out.
         * @example [
         *       "amount",
         *       "merchant_category"
         *     ]
         */
        Features: string[];
        /** @description All parameters of the algorithm, those that were left to their defaults included. */
        FittedParameters: {
            [key: string]: unknown;
        };
        /**
         * @description Access to buckets of Google Cloud Storage.
         * @example {
         *       "service_account_key": "{\"type\": \"service_account\", \"client_email\": \"reader@example.iam.gserviceaccount.com\", \"private_key\": \"not a real key\"}"
         *     }
         */
        GcsSecrets: {
            /** @description Key of a service account, the whole JSON document as text. */
            service_account_key: string;
            /**
             * @description Address of the store, without a path; that of Google where null.
             * @default null
             */
            endpoint?: string | null;
        };
        /**
         * @description State of the server and of what it depends on.
         * @example {
         *       "status": "ok",
         *       "version": "0.1.0",
         *       "checks": [
         *         {
         *           "name": "database",
         *           "status": "ok",
         *           "detail": "answered",
         *           "elapsed_ms": 0.6
         *         },
         *         {
         *           "name": "broker",
         *           "status": "ok",
         *           "detail": "answered",
         *           "elapsed_ms": 0.3
         *         },
         *         {
         *           "name": "workers",
         *           "status": "ok",
         *           "detail": "1 worker process is alive",
         *           "elapsed_ms": 0.3
         *         }
         *       ]
         *     }
         */
        Health: {
            /** @description `ok`; `degraded` where detection works but jobs are held up; `down` where the database cannot be reached. */
            status: string;
            /** @description Version of the server. */
            version: string;
            /** @description One entry per part. */
            checks: components["schemas"]["HealthCheck"][];
        };
        /** @description State of one part. */
        HealthCheck: {
            /** @description database, broker or workers. */
            name: string;
            /** @description `ok` or `down`. */
            status: string;
            /** @description What was found. */
            detail: string;
            /** @description Time the check took in milliseconds. */
            elapsed_ms: number;
        };
        /** @description Exact counts in up to 20 bins of equal width from the least to the greatest value. */
        Histogram: {
            /** @description The edges of the bins, one more than there are bins; each bin has its lower edge, the last one both. */
            edges: number[];
            /** @description How many values each bin has. */
            counts: number[];
        };
        /** @description One value per row. */
        IdentifierValues: components["schemas"]["Cell"][];
        /** @description Values of the identifier columns, which the model does not use, by column name. */
        Identifiers: {
            [key: string]: components["schemas"]["IdentifierValues"];
        };
        /**
         * @description Work that the server does in the background.
         * @example {
         *       "job_id": "job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "kind": "detection",
         *       "state": "running",
         *       "progress": {
         *         "done": 20000,
         *         "total": 100000,
         *         "stage": "scoring",
         *         "rows_per_second": 4000,
         *         "remaining_seconds": 20
         *       },
         *       "attempt": 1,
         *       "error": null,
         *       "created_at": "2026-05-01T12:00:00Z",
         *       "started_at": "2026-05-01T12:00:01Z",
         *       "finished_at": null,
         *       "links": {
         *         "self": "/api/v1/jobs/job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *         "result": "/api/v1/jobs/job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f/result",
         *         "events": "/api/v1/jobs/job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f/events"
         *       }
         *     }
         */
        Job: {
            /** @description Id of the job. */
            job_id: string;
            /** @description What it does: `detection`, `scoring` (a detection by a trained model) or `training`. */
            kind: string;
            /** @description `queued`, `running`, `succeeded`, `failed` or `cancelled`. */
            state: string;
            progress: components["schemas"]["JobProgress"];
            /** @description How often a worker has started it. */
            attempt: number;
            /** @description Why it failed, null otherwise. */
            error: components["schemas"]["Problem"] | null;
            /**
             * Format: date-time
             * @description When it was submitted (UTC).
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When a worker first took it (UTC).
             */
            started_at: string | null;
            /**
             * Format: date-time
             * @description When it ended (UTC).
             */
            finished_at: string | null;
            /**
             * Format: date-time
             * @description Until when the result is kept (UTC); null where there is none, or where it is kept for ever.
             */
            expires_at?: string | null;
            /** @description The version that a training has made; null before its end and for other kinds. */
            model?: components["schemas"]["TrainedVersion"] | null;
            /** @description Trace of the request that submitted it (W3C Trace Context), in which its work goes on. */
            trace_id?: string | null;
            links: components["schemas"]["JobLinks"];
        };
        /**
         * @description The message that a job has ended.
         * @example {
         *       "type": "job.succeeded",
         *       "timestamp": "2026-05-01T12:00:00Z",
         *       "data": {
         *         "job_id": "job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *         "kind": "detection",
         *         "state": "succeeded",
         *         "error": null,
         *         "created_at": "2026-05-01T11:59:00Z",
         *         "started_at": "2026-05-01T11:59:01Z",
         *         "finished_at": "2026-05-01T12:00:00Z",
         *         "links": {
         *           "self": "/api/v1/jobs/job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *           "result": "/api/v1/jobs/job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f/result"
         *         }
         *       }
         *     }
         */
        JobEvent: {
            /** @description What happened, the state behind `job.`, such as `job.succeeded`. */
            type: string;
            /**
             * Format: date-time
             * @description When the job ended (UTC).
             */
            timestamp: string;
            data: components["schemas"]["JobEventData"];
        };
        /** @description The job that has ended. */
        JobEventData: {
            /** @description Id of the job. */
            job_id: string;
            /** @description What kind of work it was, such as `detection`. */
            kind: string;
            /** @description How it ended: `succeeded`, `failed` or `cancelled`. */
            state: string;
            /** @description Why it failed; null where it did not. */
            error: components["schemas"]["Problem"] | null;
            /**
             * Format: date-time
             * @description When it was submitted (UTC).
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was first worked on (UTC), null where it never was.
             */
            started_at: string | null;
            /**
             * Format: date-time
             * @description When it ended (UTC).
             */
            finished_at: string;
            /** @description The version of a model that a training has made; null for other kinds and ends. */
            model?: components["schemas"]["TrainedVersion"] | null;
            links: components["schemas"]["JobEventLinks"];
        };
        /** @description Where to go from here. */
        JobEventLinks: {
            /** @description The job. */
            self: string;
            /** @description Its result, where it has succeeded. */
            result: string;
        };
        /** @description Where to go from here. */
        JobLinks: {
            /** @description The job. */
            self: string;
            /** @description Its result. */
            result: string;
            /** @description Its events. */
            events: string;
        };
        /**
         * @description A page of jobs, newest first.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        JobList: {
            /** @description The jobs. */
            items: components["schemas"]["Job"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /** @description How far a job has come. */
        JobProgress: {
            /** @description Rows done. */
            done: number;
            /** @description Rows to do, null while unknown. */
            total: number | null;
            /** @description `queued`, `reading`, `fitting`, `scoring`, `writing` or `done`. */
            stage: string;
            /** @description Rows done per second since scoring began, null in other stages and before the first rows. */
            rows_per_second?: number | null;
            /** @description How long scoring would go on at this rate, in seconds; null where the rate or the total is. */
            remaining_seconds?: number | null;
        };
        /**
         * @description A page of a job's result.
         * @example {
         *       "items": [
         *         {
         *           "row": 0,
         *           "score": 0.12,
         *           "prediction": 0,
         *           "identifiers": {
         *             "transaction_id": "t-1"
         *           }
         *         }
         *       ],
         *       "next_cursor": null,
         *       "summary": {
         *         "algorithm": "isolation_forest",
         *         "threshold": 0.61,
         *         "contamination": 0.02,
         *         "n_rows": 1,
         *         "n_anomalies": 0,
         *         "feature_names": [
         *           "amount"
         *         ],
         *         "columns": [
         *           {
         *             "name": "amount",
         *             "type": "numeric",
         *             "missing": 0,
         *             "used": true
         *           },
         *           {
         *             "name": "transaction_id",
         *             "type": "identifier",
         *             "missing": 0,
         *             "used": false,
         *             "note": "kept out of the model"
         *           }
         *         ],
         *         "warnings": [],
         *         "elapsed_ms": 840.2
         *       }
         *     }
         */
        JobResultPage: {
            /** @description The rows of this page in the order of the data. */
            items: components["schemas"]["ResultRow"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
            summary: components["schemas"]["ResultSummary"];
        };
        /** @description Rows, all arrays or all objects. */
        JsonTable: components["schemas"]["Row"][];
        /** @description Versions of the libraries that it was made with. */
        Libraries: {
            [key: string]: string;
        };
        /**
         * @description The process is running.
         * @example {
         *       "status": "ok"
         *     }
         */
        Liveness: {
            /** @description Always `ok`. */
            status: string;
        };
        /**
         * @description Who logs in.
         * @example {
         *       "username": "ada@example.com",
         *       "password": "correct horse battery staple"
         *     }
         */
        LoginRequest: {
            /** @description The username, in any case. */
            username: string;
            /** @description The password. */
            password: string;
            /**
             * @description Name or id of the user's tenant; the tenant that the server's first start made where it is left out.
             * @default default
             */
            tenant?: string;
        };
        /** @description Figures in Prometheus' text format, version 0.0.4. */
        Metrics: string;
        /**
         * @description A trained detector with its versions.
         * @example {
         *       "model_id": "mdl_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "name": "card-fraud",
         *       "latest_version": 3,
         *       "aliases": [
         *         {
         *           "alias": "production",
         *           "version": 2,
         *           "changed_at": "2026-05-01T12:00:00Z",
         *           "changed_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *         }
         *       ],
         *       "created_at": "2026-04-01T12:00:00Z"
         *     }
         */
        Model: {
            /** @description Id of the model. */
            model_id: string;
            /** @description Its name. */
            name: string;
            /** @description Its newest version, null where all have been deleted. */
            latest_version: number | null;
            /** @description Its aliases in the order of their names. */
            aliases: components["schemas"]["ModelAlias"][];
            /**
             * Format: date-time
             * @description When its first version was made (UTC).
             */
            created_at: string;
        };
        /**
         * @description A name for a version.
         * @example {
         *       "alias": "production",
         *       "version": 2,
         *       "canary": {
         *         "version": 3,
         *         "share": 0.1
         *       },
         *       "changed_at": "2026-05-01T12:00:00Z",
         *       "changed_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *     }
         */
        ModelAlias: {
            /** @description The name. */
            alias: string;
            /** @description The version it points at. */
            version: number;
            /** @description A second version that scores a share of the requests; null where there is none. */
            canary?: components["schemas"]["ModelCanary"] | null;
            /** @description A version that scores the same rows after the answer, for its figures alone; null where there is none. */
            shadow?: number | null;
            /** @description The least score, on the scale of the version's own scores, of rows that are predicted anomalous through the alias; null where the version's own threshold holds. */
            threshold?: number | null;
            /**
             * Format: date-time
             * @description Since when it does (UTC).
             */
            changed_at: string;
            /** @description Id of the key or user that pointed it there. */
            changed_by: string;
        };
        /** @description One change of an alias. */
        ModelAliasChange: {
            /** @description The version it was pointed at. */
            version: number;
            /** @description A second version that scores a share of the requests; null where there is none. */
            canary?: components["schemas"]["ModelCanary"] | null;
            /** @description A version that scores the same rows after the answer, for its figures alone; null where there is none. */
            shadow?: number | null;
            /** @description The least score, on the scale of the version's own scores, of rows that are predicted anomalous through the alias; null where the version's own threshold holds. */
            threshold?: number | null;
            /** @description Whether that was a step back. */
            rollback: boolean;
            /** @description Why, where the server did it by itself. */
            reason?: string | null;
            /**
             * Format: date-time
             * @description When (UTC).
             */
            changed_at: string;
            /** @description Id of the key or user that did it. */
            changed_by: string;
        };
        /**
         * @description Where an alias points, and where it pointed before.
         * @example {
         *       "alias": "production",
         *       "version": 1,
         *       "changed_at": "2026-05-02T12:00:00Z",
         *       "changed_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "history": [
         *         {
         *           "version": 1,
         *           "rollback": true,
         *           "changed_at": "2026-05-02T12:00:00Z",
         *           "changed_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *         },
         *         {
         *           "version": 2,
         *           "rollback": false,
         *           "changed_at": "2026-05-01T12:00:00Z",
         *           "changed_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *         },
         *         {
         *           "version": 1,
         *           "rollback": false,
         *           "changed_at": "2026-04-01T12:00:00Z",
         *           "changed_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *         }
         *       ]
         *     }
         */
        ModelAliasHistory: {
            /** @description The name. */
            alias: string;
            /** @description The version it points at. */
            version: number;
            /** @description A second version that scores a share of the requests; null where there is none. */
            canary?: components["schemas"]["ModelCanary"] | null;
            /** @description A version that scores the same rows after the answer, for its figures alone; null where there is none. */
            shadow?: number | null;
            /** @description The least score, on the scale of the version's own scores, of rows that are predicted anomalous through the alias; null where the version's own threshold holds. */
            threshold?: number | null;
            /**
             * Format: date-time
             * @description Since when it does (UTC).
             */
            changed_at: string;
            /** @description Id of the key or user that pointed it there. */
            changed_by: string;
            /** @description Its changes, newest first, the present one included; at most the newest 1,000. */
            history: components["schemas"]["ModelAliasChange"][];
        };
        /**
         * @description A name for whichever version it points at; `latest` is not to be had, since a model's bare name says that.
         * @example production
         */
        ModelAliasName: string;
        /**
         * @description Where an alias is to point. What is left out is not there afterwards; `canary` and `shadow` exclude each other.
         * @example {
         *       "version": 2,
         *       "canary": {
         *         "version": 3,
         *         "share": 0.1
         *       },
         *       "threshold": 0.7
         *     }
         */
        ModelAliasTarget: {
            /** @description Number of the version. */
            version: number;
            canary?: components["schemas"]["ModelCanary"];
            /** @description Number of a version that scores the same rows after the answer, for its figures alone. */
            shadow?: number;
            /** @description The least score of rows that are predicted anomalous through the alias, on the scale of the version's own scores, where 0.5 is the threshold it was trained with. Scores through the alias are mapped so that 0.5 is the border there as well. */
            threshold?: number;
        };
        /** @description The signed file that the model is kept as. */
        ModelArtefact: {
            /** @description Its SHA-256 in hex. */
            sha256: string;
            /** @description Its size. */
            size_bytes: number;
        };
        /**
         * @description A second version behind an alias. Which of the two scores a request follows from its rows alone, so that a request that is repeated meets the same version.
         * @example {
         *       "version": 3,
         *       "share": 0.1
         *     }
         */
        ModelCanary: {
            /** @description Number of the second version. */
            version: number;
            /** @description The share of requests that it scores. */
            share: number;
        };
        /**
         * @description How far the rows that a version has scored differ from those that it was trained on, as it was counted up to some seconds ago.
         * @example {
         *       "model_id": "mdl_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "name": "card-fraud",
         *       "version": 3,
         *       "hours": 24,
         *       "first_hour": "2026-05-01T09:00:00Z",
         *       "last_hour": "2026-05-01T12:00:00Z",
         *       "n_rows": 4000,
         *       "n_anomalies": 130,
         *       "anomaly_share": 0.0325,
         *       "n_errors": 0,
         *       "n_skipped": 0,
         *       "least_rows": 200,
         *       "verdict": "large",
         *       "psi": 0.41,
         *       "psi_column": "amount",
         *       "ks": 0.22,
         *       "scores": {
         *         "name": "scores",
         *         "type": "score",
         *         "n_rows": 4000,
         *         "missing": 0,
         *         "psi": 0.02,
         *         "psi_by_chance": 0.01,
         *         "ks": 0.04,
         *         "ks_by_chance": 0.05,
         *         "verdict": "stable"
         *       },
         *       "features": [
         *         {
         *           "name": "amount",
         *           "type": "numeric",
         *           "n_rows": 4000,
         *           "missing": 3,
         *           "psi": 0.41,
         *           "psi_by_chance": 0.01,
         *           "ks": 0.22,
         *           "ks_by_chance": 0.05,
         *           "verdict": "large"
         *         }
         *       ]
         *     }
         */
        ModelDrift: {
            /** @description Id of the model. */
            model_id: string;
            /** @description Name of the model. */
            name: string;
            /** @description Number of the version. */
            version: number;
            /** @description How many hours (UTC) are looked at, the present one included. */
            hours: number;
            /**
             * Format: date-time
             * @description Beginning of the first hour in which something was counted.
             */
            first_hour?: string | null;
            /**
             * Format: date-time
             * @description Beginning of the last hour in which something was counted.
             */
            last_hour?: string | null;
            /** @description Rows that were counted, those that it scored as a shadow included. */
            n_rows: number;
            /** @description Those of them predicted anomalous. */
            n_anomalies: number;
            /** @description Their share, the alert rate; null where no row was counted. */
            anomaly_share: number | null;
            /** @description Predictions that the version could not make through no fault of the rows. */
            n_errors: number;
            /** @description Rows that came too fast to be counted, or that a shadow could not score. */
            n_skipped: number;
            /** @description With fewer rows nothing is compared. */
            least_rows: number;
            /** @description The worst of all columns: `stable`, `moderate` (index of 0.1 or more), `large` (0.25 or more); `too-few-rows` where nothing could be compared yet, `no-baseline` where the version was made without what rows are compared to. */
            verdict: string;
            /** @description The largest population stability index of the features and the scores. */
            psi: number | null;
            /** @description The column that has it; `scores` for those. */
            psi_column?: string | null;
            /** @description The largest Kolmogorov-Smirnov statistic. */
            ks: number | null;
            /** @description The drift of the scores; null without a baseline. */
            scores: components["schemas"]["ColumnDrift"] | null;
            /** @description The drift of each feature, of the first 200 where there are more. */
            features: components["schemas"]["ColumnDrift"][];
        };
        /**
         * @description What the labels that were given for a version say of it.
         * @example {
         *       "model_id": "mdl_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "name": "card-fraud",
         *       "version": 3,
         *       "alias": "production",
         *       "threshold": 0.5,
         *       "n_labels": 200,
         *       "n_anomalies": 12,
         *       "n_predicted": 30,
         *       "precision": 0.4,
         *       "recall": 1,
         *       "suggested": {
         *         "threshold": 0.83,
         *         "precision": 0.92,
         *         "recall": 0.92
         *       }
         *     }
         */
        ModelFeedback: {
            /** @description Id of the model. */
            model_id: string;
            /** @description Name of the model. */
            name: string;
            /** @description Number of the version. */
            version: number;
            /** @description The alias it was asked for by, null otherwise. */
            alias: string | null;
            /** @description The threshold that holds, that of the alias where it has one, on the scale of the version's own scores. */
            threshold: number;
            /** @description Labelled rows that are kept; at most the newest 10 */
            n_labels: number;
            /** @description Those of them labelled anomalous. */
            n_anomalies: number;
            /** @description Those of them that score at least the threshold. */
            n_predicted: number;
            /** @description Share of anomalies among labelled rows that are predicted; null where none is. */
            precision: number | null;
            /** @description Share of labelled anomalies that are predicted; null where there is none, or where no row below the threshold has a label, so that nobody knows what was missed. */
            recall: number | null;
            /** @description The threshold with the best F1 on the labelled rows; null until there are labels of both kinds. */
            suggested: components["schemas"]["SuggestedThreshold"] | null;
        };
        /**
         * @description Rows that a version has scored, and what turned out of each.
         * @example {
         *       "data": [
         *         {
         *           "amount": 12.5,
         *           "category": "food"
         *         },
         *         {
         *           "amount": 990,
         *           "category": "travel"
         *         }
         *       ],
         *       "labels": [
         *         false,
         *         true
         *       ]
         *     }
         */
        ModelFeedbackRequest: {
            /** @description The rows as they were scored, all arrays or all objects. Columns of identifiers tell equal rows apart. */
            data: components["schemas"]["Row"][];
            /** @description Names of the columns where rows are arrays. */
            column_names?: string[];
            /** @description One for each row, true for an anomaly. */
            labels: boolean[];
        };
        /**
         * @description A page of models, newest first.
         * @example {
         *       "items": [
         *         {
         *           "model_id": "mdl_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *           "name": "card-fraud",
         *           "latest_version": 3,
         *           "aliases": [
         *             {
         *               "alias": "production",
         *               "version": 2,
         *               "changed_at": "2026-05-01T12:00:00Z",
         *               "changed_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *             }
         *           ],
         *           "created_at": "2026-04-01T12:00:00Z"
         *         }
         *       ],
         *       "next_cursor": null
         *     }
         */
        ModelList: {
            /** @description The models. */
            items: components["schemas"]["Model"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /** @description How well a model tells labelled rows apart that it was fitted on, without having seen the labels. */
        ModelMetrics: {
            /** @description Rows with a label. */
            n_labelled: number;
            /** @description Those of them labelled anomalous. */
            n_anomalies: number;
            /** @description Area under the ROC curve; null where all labels are the same. */
            roc_auc: number | null;
            /** @description Average precision; null where no label says anomalous. */
            average_precision: number | null;
            /** @description Share of labelled anomalies among labelled rows predicted anomalous; null where none is. */
            precision: number | null;
            /** @description Share of labelled anomalies that are predicted; null where there is none. */
            recall: number | null;
        };
        /**
         * @description Name of a model: lower-case letters, digits, dots, hyphens and underscores, from a letter or digit to a letter or digit.
         * @example card-fraud
         */
        ModelName: string;
        /** @description Where an imported version was trained. */
        ModelOrigin: {
            /** @description Id of the model there. */
            model_id: string;
            /** @description Name of the model there. */
            name: string;
            /** @description Number of the version there. */
            version: number;
            /**
             * Format: date-time
             * @description When it was made there (UTC).
             */
            created_at: string;
            /** @description Public key of the installation that signed the package. */
            signed_by: string;
        };
        /**
         * Format: binary
         * @description A version of a model as a file: the model, a card for people and the configuration in YAML, signed. It is a tar archive; see the documentation of models.
         */
        ModelPackage: string;
        /**
         * @description A model by name or id (its newest version), or one version of it, `name@version` or `name@alias`.
         * @example card-fraud@production
         */
        ModelReference: string;
        /**
         * @description The rule of an alias, and what it is about.
         * @example {
         *       "alias": "production",
         *       "rule": {
         *         "dataset_name": "transactions",
         *         "when_psi_over": 0.25
         *       },
         *       "state": "watching",
         *       "job_id": "job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "watched_version": 4,
         *       "watch_until": "2026-05-02T12:00:00Z",
         *       "last_run_at": "2026-05-01T11:58:00Z",
         *       "last_outcome": "moved to version 4: agreement 97.0% where 90.0% is asked for, on 400 rows held out",
         *       "created_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "changed_at": "2026-04-01T12:00:00Z"
         *     }
         */
        ModelRetraining: {
            /** @description The alias. */
            alias: string;
            rule: components["schemas"]["RetrainingRule"];
            /** @description `idle`, `training`, or `watching` the version that the alias has moved to. */
            state: string;
            /** @description The job of the last training by it. */
            job_id?: string | null;
            /** @description The version that is watched. */
            watched_version?: number | null;
            /**
             * Format: date-time
             * @description Until when it is (UTC).
             */
            watch_until?: string | null;
            /**
             * Format: date-time
             * @description When the last training began (UTC).
             */
            last_run_at?: string | null;
            /** @description What happened last, and why. */
            last_outcome?: string | null;
            /** @description Id of the key or user that made the rule. */
            created_by: string;
            /**
             * Format: date-time
             * @description When the rule was made or changed (UTC).
             */
            changed_at: string;
        };
        /** @description How a version did on rows that it was not fitted on, against the version that it was to replace. */
        ModelValidation: {
            /** @description The version before. */
            version: number;
            /** @description Rows that were held out. */
            n_rows: number;
            /** @description Share of them of which both predict the same. */
            agreement: number;
            /** @description Share of them predicted anomalous. */
            anomaly_share: number;
            /** @description The same of the version before. */
            anomaly_share_before: number;
            /** @description Average precision; null where no label says anomalous. */
            average_precision?: number | null;
            /** @description The same of the version before. */
            average_precision_before?: number | null;
            /** @description Whether that was enough. */
            passed: boolean;
            /** @description Why. */
            detail: string;
        };
        /**
         * @description A version of a model. Nothing but its aliases ever changes.
         * @example {
         *       "model_id": "mdl_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "name": "card-fraud",
         *       "version": 3,
         *       "algorithm": "isolation_forest",
         *       "parameters": {
         *         "n_estimators": 100,
         *         "max_samples": 256
         *       },
         *       "contamination": 0.02,
         *       "threshold": 0.61,
         *       "random_state": 0,
         *       "feature_names": [
         *         "amount"
         *       ],
         *       "columns": [
         *         {
         *           "name": "amount",
         *           "type": "numeric",
         *           "missing": 0,
         *           "used": true
         *         }
         *       ],
         *       "label_column": "is_fraud",
         *       "data": {
         *         "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         *         "n_rows": 1000,
         *         "n_fitted_rows": 1000,
         *         "sources": [
         *           "dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *         ]
         *       },
         *       "profile": [],
         *       "metrics": {
         *         "n_labelled": 1000,
         *         "n_anomalies": 20,
         *         "roc_auc": 0.97,
         *         "average_precision": 0.81,
         *         "precision": 0.8,
         *         "recall": 0.75
         *       },
         *       "warnings": [],
         *       "libraries": {
         *         "python": "3.12.3",
         *         "numpy": "2.3.1"
         *       },
         *       "artefact": {
         *         "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
         *         "size_bytes": 316416
         *       },
         *       "aliases": [
         *         "production"
         *       ],
         *       "job_id": "job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "created_at": "2026-05-01T12:00:00Z",
         *       "created_by": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *     }
         */
        ModelVersion: {
            /** @description Id of the model. */
            model_id: string;
            /** @description Name of the model. */
            name: string;
            /** @description Its number. */
            version: number;
            /** @description The algorithm's canonical name. */
            algorithm: string;
            parameters: components["schemas"]["FittedParameters"];
            /** @description The contamination the threshold was set for. */
            contamination: number;
            /** @description Decision threshold on the algorithm's raw score. */
            threshold: number;
            /** @description Seed of the algorithm. */
            random_state: number;
            /** @description The columns the model uses. */
            feature_names: string[];
            /** @description The columns of the training data without the label; rows to be scored have the same. */
            columns: components["schemas"]["Column"][];
            /** @description The column of labels, null where there was none. */
            label_column: string | null;
            data: components["schemas"]["TrainingData"];
            /** @description What each column held in the rows that the model was fitted on. */
            profile: components["schemas"]["ColumnProfile"][];
            /** @description How well it tells the labelled rows apart; null where there were no labels. */
            metrics: components["schemas"]["ModelMetrics"] | null;
            /** @description How it did against the version that it was trained to replace; null where it was trained for itself. */
            validation?: components["schemas"]["ModelValidation"] | null;
            /** @description What its owner should know. */
            warnings: components["schemas"]["Warning"][];
            libraries: components["schemas"]["Libraries"];
            artefact: components["schemas"]["ModelArtefact"];
            /** @description The aliases that point at it now. */
            aliases: string[];
            /** @description Where it was trained, for a version that was imported; null for one that was trained here. */
            imported?: components["schemas"]["ModelOrigin"] | null;
            /** @description The job that trained it. */
            job_id: string;
            /**
             * Format: date-time
             * @description When it was made here (UTC).
             */
            created_at: string;
            /** @description Id of the key or user that had it trained or imported it. */
            created_by: string;
        };
        /**
         * @description A page of versions, newest first.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ModelVersionList: {
            /** @description The versions. */
            items: components["schemas"]["ModelVersionSummary"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /** @description A version of a model in short. */
        ModelVersionSummary: {
            /** @description Its number. */
            version: number;
            /** @description The algorithm's canonical name. */
            algorithm: string;
            /** @description The contamination the threshold was set for. */
            contamination: number;
            /** @description Rows of the training data. */
            n_rows: number;
            /** @description How well it tells the labelled rows apart; null where there were no labels. */
            metrics: components["schemas"]["ModelMetrics"] | null;
            /** @description The aliases that point at it. */
            aliases: string[];
            artefact: components["schemas"]["ModelArtefact"];
            /** @description The job that made it. */
            job_id: string;
            /**
             * Format: date-time
             * @description When it was made (UTC).
             */
            created_at: string;
            /** @description Id of the key or user that had it trained. */
            created_by: string;
        };
        /** @description One JSON object per line; UTF-8. */
        NdjsonTable: string;
        /**
         * @description A key that was just made; nothing can show it a second time.
         * @example {
         *       "key": "pyn_3kT9xQ2a_not-a-real-key",
         *       "api_key": {
         *         "key_id": "key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *         "name": "nightly import",
         *         "prefix": "pyn_3kT9xQ2a",
         *         "scopes": [
         *           "datasets:write",
         *           "jobs:write"
         *         ],
         *         "created_at": "2026-05-01T12:00:00Z",
         *         "expires_at": null,
         *         "revoked_at": null,
         *         "last_used_at": null
         *       }
         *     }
         */
        NewApiKey: {
            /** @description The key itself: keep it where secrets are kept. */
            key: string;
            api_key: components["schemas"]["ApiKey"];
        };
        /**
         * @description The password, 12 characters at least; stored as an argon2id hash alone.
         * @example correct horse battery staple
         */
        NewPassword: string;
        /**
         * Format: binary
         * @description A one- or two-dimensional array in NumPy's NPY format; pickled objects are refused.
         */
        NpyTable: string;
        /** @description The shape of a column's numbers. */
        NumericProfile: {
            /** @description The least. */
            min: number;
            /** @description The greatest. */
            max: number;
            /** @description The mean; null where it overflows. */
            mean: number | null;
            /** @description The standard deviation with n - 1 below the line; null for a single value, or where it overflows. */
            std: number | null;
            /** @description A quarter of the values lies below. */
            q1: number;
            /** @description Half of the values lies below. */
            median: number;
            /** @description Three quarters of the values lie below. */
            q3: number;
            /** @description Whether the quartiles come from a uniform sample of the rows. */
            quartiles_approximate: boolean;
            /** @description How many values are zero. */
            zeros: number;
            histogram: components["schemas"]["Histogram"];
        };
        /** @description An HTML page. */
        Page: string;
        /** @description JSON Schema (draft 2020-12) of the `parameters` this algorithm takes, with defaults. */
        ParameterSchema: {
            [key: string]: unknown;
        };
        /**
         * @description Parameters of the algorithm, see its JSON Schema at `GET /algorithms/{name}`.
         * @example {
         *       "n_estimators": 200
         *     }
         */
        Parameters: {
            [key: string]: unknown;
        };
        /**
         * Format: binary
         * @description An Apache Parquet file.
         */
        ParquetTable: string;
        /**
         * @description Another password for the user who calls.
         * @example {
         *       "current_password": "correct horse battery staple",
         *       "new_password": "a battery of staples for horses"
         *     }
         */
        PasswordChange: {
            /** @description The password as it is, so that a token alone changes nothing. */
            current_password: string;
            new_password: components["schemas"]["NewPassword"];
        };
        /**
         * @description Access to the databases of one PostgreSQL server. It is for this host and port alone, so that nobody can have the password sent elsewhere by naming another in a job.
         * @example {
         *       "host": "db.example.com",
         *       "user": "reader",
         *       "password": "not-a-real-password"
         *     }
         */
        PostgresqlSecrets: {
            /** @description Name or address of the server, one alone. */
            host: string;
            /**
             * @description Its port.
             * @default 5432
             */
            port?: number;
            /** @description Name of the user. */
            user: string;
            /** @description Password of the user. */
            password: string;
            /**
             * @description `verify-full` encrypts and checks the certificate and the name in it; `disable` does neither and is for servers that the operator allows.
             * @default verify-full
             * @enum {string}
             */
            sslmode?: "verify-full" | "disable";
            /**
             * @description Certificates, in PEM, of the authorities to trust with `verify-full`; the usual ones where null.
             * @default null
             */
            ca_certificate?: string | null;
        };
        /**
         * @description Rows to be scored with a model.
         * @example {
         *       "data": [
         *         {
         *           "amount": 12.5,
         *           "category": "food"
         *         },
         *         {
         *           "amount": 990,
         *           "category": "travel"
         *         }
         *       ]
         *     }
         */
        PredictionRequest: {
            /** @description The rows, all arrays or all objects. */
            data: components["schemas"]["Row"][];
            /** @description Names of the columns where rows are arrays. */
            column_names?: string[];
            /**
             * @description Whether to return `confidence`.
             * @default false
             */
            return_confidence?: boolean;
            /**
             * @description Whether to return `explanations`.
             * @default false
             */
            include_explanations?: boolean;
            explain_rows?: components["schemas"]["ExplainRows"];
        };
        /**
         * @description What went wrong, where, and what to do about it (RFC 9457).
         * @example {
         *       "type": "https://pynomaly.dev/problems/validation",
         *       "title": "The request does not fit the contract",
         *       "status": 422,
         *       "detail": "contamination must be at most 0.5, but 0.7 was given.",
         *       "code": "validation",
         *       "request_id": "req_01HZX3V7Q8",
         *       "errors": [
         *         {
         *           "pointer": "/contamination",
         *           "detail": "must be at most 0.5"
         *         }
         *       ]
         *     }
         */
        Problem: {
            /**
             * Format: uri
             * @description The registered URI of this kind of problem.
             */
            type: string;
            /** @description The kind of problem, the same words every time. */
            title: string;
            /** @description The HTTP status. */
            status: number;
            /** @description What was wrong this time, where, and what to do. */
            detail: string;
            /** @description Stable name of the kind of problem, for programs. */
            code: string;
            /** @description Identifies this request in the server's logs. */
            request_id: string;
            /** @description Trace that the request, or the job, belongs to (W3C Trace Context); also in the server's logs. */
            trace_id?: string;
            /** @description Every fault found in the input, where the problem is one of validation. */
            errors?: components["schemas"]["ProblemItem"][];
        };
        /** @description One fault in the input. */
        ProblemItem: {
            /** @description JSON pointer (RFC 6901) to the faulty part of the body, or `?name` for a query parameter. */
            pointer: string;
            /** @description What is wrong with it. */
            detail: string;
        };
        /**
         * @description The columns the model may use, where options travel in the URL, whose length is bounded.
         * @example [
         *       "amount",
         *       "merchant_category"
         *     ]
         */
        QueryFeatures: string[];
        /** @description What is used of one quota. */
        QuotaUse: {
            /** @description What is used. */
            used: number;
            /** @description What may be used, null for as much as one likes. */
            quota: number | null;
        };
        /**
         * @description A refresh token.
         * @example {
         *       "refresh_token": "pyr_3kT9xQ2a_not-a-real-token"
         *     }
         */
        RefreshRequest: {
            /** @description The refresh token (`pyr_…`) as it was given. */
            refresh_token: string;
        };
        /**
         * @description A table that the worker reads with a stored credential.
         * @example {
         *       "url": "postgresql://db.example.com/plant",
         *       "credential_id": "crd_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "query": "SELECT * FROM readings ORDER BY at"
         *     }
         * @example {
         *       "url": "s3://sensors/2026/05.parquet",
         *       "credential_id": "crd_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *     }
         */
        RemoteSource: {
            /** @description Where it is: `s3://bucket/key` or `gs://bucket/key`, the key as it is, without %XX; or `postgresql://host:port/database`, the host and port being those of the credential. */
            url: string;
            /** @description Id of the stored credential. */
            credential_id: string;
            /**
             * @description The table or view of a PostgreSQL database, `name` or `schema.name`; its rows come in no certain order.
             * @default null
             */
            table?: string | null;
            /**
             * @description A single SELECT for a PostgreSQL database, in place of `table`; it runs in a transaction that only reads.
             * @default null
             */
            query?: string | null;
        };
        /** @description Result of one row. */
        ResultRow: {
            /** @description Position of the row over all data sources. */
            row: number;
            /** @description Calibrated score. */
            score: number;
            /** @description 1 for an anomaly. */
            prediction: number;
            /** @description Probability that the prediction would stay the same under a refit. */
            confidence?: number | null;
            identifiers: components["schemas"]["RowIdentifiers"];
            /** @description What the method expects of the row as a point of a time series; null where it has no expectations. */
            series?: components["schemas"]["SeriesPoint"] | null;
            /** @description Features by contribution where the row was explained. */
            explanation?: components["schemas"]["Contribution"][] | null;
        };
        /** @description What holds for the whole result. */
        ResultSummary: {
            /** @description The algorithm's canonical name. */
            algorithm: string;
            /** @description Decision threshold on the raw score. */
            threshold: number;
            /** @description The contamination the threshold was set for. */
            contamination: number;
            /** @description Number of rows. */
            n_rows: number;
            /** @description Number of rows predicted anomalous. */
            n_anomalies: number;
            /** @description The columns the model used. */
            feature_names: string[];
            /** @description How each column was read. */
            columns: components["schemas"]["Column"][];
            /** @description What the caller should know. */
            warnings: components["schemas"]["Warning"][];
            /** @description Time from start to end of the attempt in milliseconds. */
            elapsed_ms: number;
            /** @description The version that scored, where a trained model did; null otherwise. */
            model?: components["schemas"]["ScoringModel"] | null;
        };
        /**
         * @description When an alias is trained anew and what its new versions are held to. Without `when_psi_over` and `every_hours` it is by `retrainModel` alone.
         * @example {
         *       "dataset_name": "transactions",
         *       "when_psi_over": 0.25,
         *       "every_hours": 168
         *     }
         */
        RetrainingRule: {
            /** @description The newest dataset of this name is trained on; it has the columns of the training before. */
            dataset_name: string;
            /** @description Train when the largest population stability index of the last 24 hours is over this. */
            when_psi_over?: number;
            /** @description Train when so many hours have passed since the last time. */
            every_hours?: number;
            /**
             * @description Drift has no second training made before so many hours have passed.
             * @default 24
             */
            rest_hours?: number;
            /**
             * @description Share of the rows that is held out of the fit, to compare the new version with the present one.
             * @default 0.2
             */
            holdout_share?: number;
            /**
             * @description Share of the rows held out of which both versions must predict the same; where they have labels of both kinds, average precision decides instead.
             * @default 0.9
             */
            least_agreement?: number;
            /**
             * @description How many hours a new version is watched after the alias has moved to it.
             * @default 24
             */
            watch_hours?: number;
            /**
             * @description The alias is taken back when the share of rows predicted anomalous is higher than before by more than this.
             * @default 0.05
             */
            most_alert_rise?: number;
            /**
             * @description The alias is taken back when the new version has failed so many predictions.
             * @default 5
             */
            most_errors?: number;
        };
        /**
         * @description What a user may do: a `viewer` reads, an `analyst` also detects and submits jobs, an `operator` also runs what serves the tenant, an `admin` may everything. docs/access.md has the scopes of each.
         * @example analyst
         * @enum {string}
         */
        Role: "viewer" | "analyst" | "operator" | "admin";
        /**
         * @description How a key is replaced.
         * @example {
         *       "overlap_seconds": 3600
         *     }
         */
        RotateApiKeyRequest: {
            /**
             * @description How long the old key goes on working, in seconds.
             * @default 86400
             */
            overlap_seconds?: number;
        };
        /** @description One row, as an array of values or as an object from column name to value. */
        Row: components["schemas"]["Cell"][] | components["schemas"]["RowObject"];
        /** @description Why a row stands out. */
        RowExplanation: {
            /** @description Position of the row in the data. */
            row: number;
            /** @description Features by contribution, largest first; contributions sum to 1. */
            contributions: components["schemas"]["Contribution"][];
        };
        /** @description Values of the identifier columns in this row. */
        RowIdentifiers: {
            [key: string]: components["schemas"]["Cell"];
        };
        /** @description One row by column name. */
        RowObject: {
            [key: string]: components["schemas"]["Cell"];
        };
        /**
         * @description Access to buckets of Amazon S3, or of another store that speaks its protocol.
         * @example {
         *       "access_key_id": "AKIAIOSFODNN7EXAMPLE",
         *       "secret_access_key": "not-a-real-secret",
         *       "region": "eu-central-1"
         *     }
         */
        S3Secrets: {
            /** @description Id of the access key. */
            access_key_id: string;
            /** @description The secret of the access key. */
            secret_access_key: string;
            /**
             * @description Token of a temporary access key.
             * @default null
             */
            session_token?: string | null;
            /**
             * @description Region of the buckets.
             * @default us-east-1
             */
            region?: string;
            /**
             * @description Address of the store, such as `https://minio.example.com`, without a path; that of Amazon S3 in the region where null.
             * @default null
             */
            endpoint?: string | null;
        };
        /**
         * @description What a key may do, such as `detect:run`; `*` is everything. Each operation says which scopes it needs.
         * @example [
         *       "detect:run",
         *       "datasets:write",
         *       "jobs:read",
         *       "jobs:write"
         *     ]
         */
        Scopes: string[];
        /** @description The version of a model that scored. */
        ScoringModel: {
            /** @description Id of the model. */
            model_id: string;
            /** @description Its name. */
            name: string;
            /** @description Number of the version. */
            version: number;
            /** @description The alias it was asked for by, null otherwise. */
            alias: string | null;
        };
        /**
         * @description The column that says which series a row belongs to, where a table holds several. No feature either.
         * @example sensor
         */
        SeriesColumn: string;
        /** @description The value a method expects and the bounds it allows, one per row in the order of the rows. With several features they are those of the feature that makes the row stand out most. */
        SeriesExpectation: {
            /** @description The feature that the figures of a row are about. */
            feature: string[];
            /** @description The value expected, null where the method has no opinion. */
            expected: (number | null)[];
            /** @description The lower bound of usual values. */
            lower: (number | null)[];
            /** @description The upper bound of usual values. */
            upper: (number | null)[];
        };
        /** @description The value a method expects of one row and the bounds it allows. With several features they are those of the feature that makes the row stand out most. */
        SeriesPoint: {
            /** @description The feature that the figures are about. */
            feature: string;
            /** @description The value expected, null where the method has no opinion. */
            expected: number | null;
            /** @description The lower bound of usual values. */
            lower: number | null;
            /** @description The upper bound of usual values. */
            upper: number | null;
        };
        /** @description A threshold, and what it would have done on the labelled rows. */
        SuggestedThreshold: {
            /** @description On the scale of the version's own scores, as `setModelAlias` takes it. */
            threshold: number;
            /** @description Share of anomalies among labelled rows at or above it. */
            precision: number;
            /** @description Share of labelled anomalies at or above it. */
            recall: number;
        };
        /**
         * @description The column that says when each row was measured. The rows are then taken as time series: a row's score may depend on the rows around it. The column itself is no feature.
         * @example measured_at
         */
        TimestampColumn: string;
        /**
         * @description An access token, and the refresh token that gets the next one.
         * @example {
         *       "access_token": "eyJhbGciOiJFZERTQSJ9.not-a-real-token.signature",
         *       "token_type": "Bearer",
         *       "expires_in": 900,
         *       "refresh_token": "pyr_3kT9xQ2a_not-a-real-token",
         *       "refresh_expires_at": "2026-06-01T12:00:00Z"
         *     }
         */
        TokenPair: {
            /** @description The access token, a JWT: send it as `Authorization: Bearer <token>`. */
            access_token: string;
            /** @description Always `Bearer`. */
            token_type: string;
            /** @description Seconds for which the access token is good. */
            expires_in: number;
            /** @description Works once, for the next pair; keep it where secrets are kept. */
            refresh_token: string;
            /**
             * Format: date-time
             * @description When the session ends (UTC) and the user has to log in again.
             */
            refresh_expires_at: string;
        };
        /** @description The version of a model that a training made. */
        TrainedVersion: {
            /** @description Id of the model. */
            model_id: string;
            /** @description Its name. */
            name: string;
            /** @description Number of the version. */
            version: number;
        };
        /** @description What a version was trained on. */
        TrainingData: {
            /** @description SHA-256 in hex over the SHA-256 of each source's bytes, in their order. */
            sha256: string;
            /** @description Rows of all sources. */
            n_rows: number;
            /** @description Rows that the model was fitted on; fewer where a sample was drawn. */
            n_fitted_rows: number;
            /** @description Ids of datasets, and addresses. */
            sources: string[];
        };
        /**
         * @description Rows to learn from, how to learn, and the name of the model. Either `data` or `data_sources` is given.
         * @example {
         *       "name": "card-fraud",
         *       "data_sources": [
         *         "dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *       ],
         *       "algorithm": "isolation_forest",
         *       "contamination": 0.02,
         *       "label_column": "is_fraud"
         *     }
         */
        TrainingRequest: {
            name: components["schemas"]["ModelName"];
            /** @description The tables, all with the same columns; their rows are taken one after the other. */
            data_sources?: components["schemas"]["DataSource"][];
            /** @description The rows, all arrays or all objects. The server's row limit (413) points to uploads. */
            data?: components["schemas"]["Row"][];
            /** @description Names of the columns where the rows in `data` are arrays. */
            column_names?: string[];
            /** @description The column that says of rows whether they are anomalous: true or 1, false or 0, empty where that is not known. It makes the version's metrics and is no feature. */
            label_column?: string;
            algorithm?: components["schemas"]["AlgorithmName"];
            parameters?: components["schemas"]["Parameters"];
            ensemble_methods?: components["schemas"]["EnsembleMethods"];
            contamination?: components["schemas"]["Contamination"];
            features?: components["schemas"]["Features"];
            column_types?: components["schemas"]["ColumnTypes"];
            /**
             * @description Seed of the algorithm; the same seed and data give the same scores.
             * @default 0
             */
            random_state?: number;
        };
        /**
         * @description What a tenant has used of its quotas.
         * @example {
         *       "month": "2026-11",
         *       "requests": {
         *         "used": 5120,
         *         "quota": 100000
         *       },
         *       "rows": {
         *         "used": 1830000,
         *         "quota": null
         *       },
         *       "stored_bytes": {
         *         "used": 73400320,
         *         "quota": 10737418240
         *       },
         *       "jobs": {
         *         "used": 2,
         *         "quota": 20
         *       }
         *     }
         */
        Usage: {
            /** @description The month (UTC) that `requests` and `rows` are counted in, such as 2026-11. */
            month: string;
            requests: components["schemas"]["QuotaUse"];
            rows: components["schemas"]["QuotaUse"];
            stored_bytes: components["schemas"]["QuotaUse"];
            jobs: components["schemas"]["QuotaUse"];
        };
        /**
         * @description A user, without the password.
         * @example {
         *       "user_id": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "username": "ada@example.com",
         *       "role": "analyst",
         *       "created_at": "2026-05-01T12:00:00Z",
         *       "disabled_at": null,
         *       "last_login_at": "2026-05-02T08:30:00Z"
         *     }
         */
        User: {
            /** @description Id of the user. */
            user_id: string;
            /** @description Name to log in with. */
            username: string;
            /** @description viewer, analyst, operator or admin. */
            role: string;
            /**
             * Format: date-time
             * @description When the user was made (UTC).
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When the user was disabled (UTC), null while that is not so.
             */
            disabled_at: string | null;
            /**
             * Format: date-time
             * @description When the user last logged in (UTC), null for never.
             */
            last_login_at: string | null;
        };
        /**
         * @description What is to change in a user.
         * @example {
         *       "role": "operator"
         *     }
         * @example {
         *       "disabled": true
         *     }
         */
        UserChanges: {
            password?: components["schemas"]["NewPassword"];
            role?: components["schemas"]["Role"];
            /** @description Whether the user is kept from logging in. */
            disabled?: boolean;
        };
        /**
         * @description A user to be made.
         * @example {
         *       "username": "ada@example.com",
         *       "password": "correct horse battery staple",
         *       "role": "analyst"
         *     }
         */
        UserCreation: {
            username: components["schemas"]["Username"];
            password: components["schemas"]["NewPassword"];
            role: components["schemas"]["Role"];
        };
        /**
         * @description A page of users, newest first.
         * @example {
         *       "items": [
         *         {
         *           "user_id": "usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *           "username": "ada@example.com",
         *           "role": "analyst",
         *           "created_at": "2026-05-01T12:00:00Z",
         *           "disabled_at": null,
         *           "last_login_at": "2026-05-02T08:30:00Z"
         *         }
         *       ],
         *       "next_cursor": null
         *     }
         */
        UserList: {
            /** @description The users. */
            items: components["schemas"]["User"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /**
         * @description Name to log in with, in lower case; an email address will do. No two users of a tenant share one.
         * @example ada@example.com
         */
        Username: string;
        /** @description A value and how often it is there. */
        ValueCount: {
            value: components["schemas"]["Cell"];
            /** @description How often it is there. */
            count: number;
        };
        /** @description Something the caller should know about an otherwise good answer. */
        Warning: {
            /** @description Stable name of the kind of warning. */
            code: string;
            /** @description The warning in words. */
            detail: string;
            /** @description The column it is about. */
            column?: string | null;
        };
        /** @description One attempt to deliver a message. */
        WebhookAttempt: {
            /** @description 1 for the first attempt. */
            number: number;
            /**
             * Format: date-time
             * @description When it began (UTC).
             */
            started_at: string;
            /** @description How long it took in milliseconds; null while it is under way, or where the sender was stopped. */
            duration_ms: number | null;
            /** @description The HTTP status answered, null where no answer came. */
            status: number | null;
            /** @description Why it does not count as delivered; null where it does, or is under way. */
            error: string | null;
        };
        /**
         * @description One message to one endpoint, and how sending it went.
         * @example {
         *       "delivery_id": "whd_0190c8f3b5c98d4fae207b6c5d4e3f20",
         *       "endpoint_id": "whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "event_type": "job.succeeded",
         *       "job_id": "job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "state": "delivered",
         *       "created_at": "2026-05-01T12:00:00Z",
         *       "next_attempt_at": null,
         *       "finished_at": "2026-05-01T12:00:06Z",
         *       "attempts": [
         *         {
         *           "number": 1,
         *           "started_at": "2026-05-01T12:00:00Z",
         *           "duration_ms": 31.5,
         *           "status": 503,
         *           "error": "The endpoint answered 503; only 2xx counts as delivered."
         *         },
         *         {
         *           "number": 2,
         *           "started_at": "2026-05-01T12:00:06Z",
         *           "duration_ms": 28.1,
         *           "status": 204,
         *           "error": null
         *         }
         *       ]
         *     }
         */
        WebhookDelivery: {
            /** @description Id of the delivery; the header `webhook-id` of each attempt. */
            delivery_id: string;
            /** @description The endpoint. */
            endpoint_id: string;
            /** @description The message's `type`, such as `job.succeeded`. */
            event_type: string;
            /** @description The job it is about, null for a test message. */
            job_id: string | null;
            /** @description `pending`, `delivered`, or `failed` once no attempt is left. */
            state: string;
            /**
             * Format: date-time
             * @description When the job ended (UTC).
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it is tried next (UTC); null where it is not pending.
             */
            next_attempt_at: string | null;
            /**
             * Format: date-time
             * @description When it was delivered or given up (UTC).
             */
            finished_at: string | null;
            /** @description The latest 20 attempts, oldest first. */
            attempts: components["schemas"]["WebhookAttempt"][];
        };
        /**
         * @description A page of deliveries, newest first.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        WebhookDeliveryList: {
            /** @description The deliveries. */
            items: components["schemas"]["WebhookDelivery"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /**
         * @description An address that is told when jobs end.
         * @example {
         *       "endpoint_id": "whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *       "url": "https://example.com/hooks/pynomaly",
         *       "description": "nightly import",
         *       "event_types": [
         *         "job.succeeded",
         *         "job.failed"
         *       ],
         *       "enabled": true,
         *       "disabled_reason": null,
         *       "disabled_at": null,
         *       "failing_since": null,
         *       "created_at": "2026-05-01T12:00:00Z",
         *       "previous_secret_until": null
         *     }
         */
        WebhookEndpoint: {
            /** @description Id of the endpoint. */
            endpoint_id: string;
            /** @description Where messages are posted. */
            url: string;
            /** @description A note for people. */
            description: string;
            /** @description What it is told of, such as `job.succeeded`. */
            event_types: string[];
            /** @description Whether messages are sent. */
            enabled: boolean;
            /** @description Why it is disabled: `requested`, `gone` after it answered 410, or `failing` after nothing had arrived for five days. */
            disabled_reason: string | null;
            /**
             * Format: date-time
             * @description When it was disabled (UTC); null while it is enabled.
             */
            disabled_at: string | null;
            /**
             * Format: date-time
             * @description Since when no attempt has arrived (UTC); null where the latest one did.
             */
            failing_since: string | null;
            /**
             * Format: date-time
             * @description When it was created (UTC).
             */
            created_at: string;
            /**
             * Format: date-time
             * @description Until when messages are signed by the secret before, too (UTC); null where there is none.
             */
            previous_secret_until: string | null;
        };
        /**
         * @description What is to change in a webhook endpoint.
         * @example {
         *       "enabled": false
         *     }
         */
        WebhookEndpointChanges: {
            url?: components["schemas"]["WebhookUrl"];
            /** @description A note for people. */
            description?: string;
            event_types?: components["schemas"]["WebhookEventTypes"];
            /** @description Whether messages are sent. */
            enabled?: boolean;
        };
        /**
         * @description A new webhook endpoint.
         * @example {
         *       "url": "https://example.com/hooks/pynomaly",
         *       "description": "nightly import",
         *       "event_types": [
         *         "job.succeeded",
         *         "job.failed"
         *       ]
         *     }
         */
        WebhookEndpointCreation: {
            url: components["schemas"]["WebhookUrl"];
            /**
             * @description A note for people.
             * @default
             */
            description?: string;
            /** @description What the endpoint is told of; every end of a job where it is left out. */
            event_types?: components["schemas"]["WebhookEventTypes"];
        };
        /**
         * @description A page of webhook endpoints, newest first.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        WebhookEndpointList: {
            /** @description The endpoints. */
            items: components["schemas"]["WebhookEndpoint"][];
            /** @description Cursor of the next page, null on the last. */
            next_cursor: string | null;
        };
        /**
         * @description An endpoint and the secret that verifies its messages; this answer is the only one that shows it.
         * @example {
         *       "endpoint": {
         *         "endpoint_id": "whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
         *         "url": "https://example.com/hooks/pynomaly",
         *         "description": "",
         *         "event_types": [
         *           "job.succeeded",
         *           "job.failed",
         *           "job.cancelled"
         *         ],
         *         "enabled": true,
         *         "disabled_reason": null,
         *         "disabled_at": null,
         *         "failing_since": null,
         *         "created_at": "2026-05-01T12:00:00Z",
         *         "previous_secret_until": null
         *       },
         *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
         *     }
         */
        WebhookEndpointSecret: {
            endpoint: components["schemas"]["WebhookEndpoint"];
            /** @description `whsec_` and 32 bytes in base64. */
            secret: string;
        };
        /**
         * @description What the endpoint is told of.
         * @example [
         *       "job.succeeded",
         *       "job.failed"
         *     ]
         */
        WebhookEventTypes: ("job.succeeded" | "job.failed" | "job.cancelled")[];
        /**
         * @description The message that `testWebhookEndpoint` sends.
         * @example {
         *       "type": "webhook.test",
         *       "timestamp": "2026-05-01T12:00:00Z",
         *       "data": {
         *         "endpoint_id": "whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"
         *       }
         *     }
         */
        WebhookTestEvent: {
            /** @description `webhook.test`. */
            type: string;
            /**
             * Format: date-time
             * @description When the test was asked for (UTC).
             */
            timestamp: string;
            data: components["schemas"]["WebhookTestEventData"];
        };
        /** @description What is tested. */
        WebhookTestEventData: {
            /** @description Id of the endpoint. */
            endpoint_id: string;
        };
        /**
         * @description Where messages are posted, an https URL of a public host without user or password.
         * @example https://example.com/hooks/pynomaly
         */
        WebhookUrl: string;
        /**
         * @description Turns an algorithm on rows into one on time series: it learns from windows of consecutive rows and scores them.
         * @example {
         *       "length": 24,
         *       "stride": 1,
         *       "normalise": "series"
         *     }
         */
        Windows: {
            /**
             * @description Rows of a window.
             * @default 16
             */
            length?: number;
            /**
             * @description A window starts every so many rows; at most the length.
             * @default 1
             */
            stride?: number;
            /**
             * @description Brings every column to mean 0 and deviation 1 within each `series`, within each `window` (only its shape counts then), or not at all (`none`).
             * @default series
             * @enum {string}
             */
            normalise?: "none" | "series" | "window";
            /**
             * @description How windows make a row's score: the `mean` over those that hold it, or the `last` one that has ended by then, which knows nothing of later rows.
             * @default mean
             * @enum {string}
             */
            combine?: "mean" | "last";
        };
    };
    responses: {
        /** @description The body is not JSON, or not what its media type says (`malformed-json`, `bad-request`). */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The resource is in a state that does not allow this (`conflict`, `request-in-progress`, `credential-unreadable`, `model-unreadable`). */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The credential lacks a scope that this operation needs (`forbidden`), or the operator of this server has switched off what is asked for (`switched-off`). */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What was there is no longer kept (`result-expired`). */
        Gone: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The headers are over the limit of 32 KiB (`headers-too-large`). */
        HeadersTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The server failed (`internal`); the request id finds the cause in its logs. */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description None of the media types in `Accept` is offered (`not-acceptable`). */
        NotAcceptable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such resource for this caller (`not-found`). */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body, the table in it, or the work that it asks for is over a limit (`payload-too-large`); use a batch job. A job's data sources are over one of its limits (`job-limit-exceeded`). */
        PayloadTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests (`rate-limited`): nothing was done, and the same request succeeds after the time in `Retry-After`. Or a quota of the tenant is used up (`quota-exceeded`), which time alone does not always mend. */
        RateLimited: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body came too slowly, and the connection is closed (`request-timeout`). Send it again. */
        RequestTimeout: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No valid credential was sent (`unauthenticated`). */
        Unauthenticated: {
            headers: {
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The server cannot do this now (`overloaded`, `unavailable`). */
        Unavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The input was understood but cannot be used (`validation`, `bad-dataset`, `too-few-rows`, `idempotency-mismatch`, `forbidden-source`, `forbidden-address`, `algorithm-unavailable`, `too-many-rows`, `bad-package`, `untrusted-package`). */
        Unprocessable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body's media type or content encoding is not accepted here (`unsupported-media-type`). */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The URL is over the limit of 8 KiB (`uri-too-long`); send options in the body. */
        UriTooLong: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /**
         * @description Name of the alias.
         * @example production
         */
        Alias: components["schemas"]["ModelAliasName"];
        /**
         * @description Id of the stored credential.
         * @example crd_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
         */
        CredentialId: string;
        /** @description The `next_cursor` of the page before; leave it out for the first page. */
        Cursor: string;
        /**
         * @description Id of the dataset.
         * @example dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
         */
        DatasetId: string;
        /**
         * @description Id of the delivery.
         * @example whd_0190c8f3b5c98d4fae207b6c5d4e3f20
         */
        DeliveryId: string;
        /**
         * @description Id of the webhook endpoint.
         * @example whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
         */
        EndpointId: string;
        /**
         * @description Makes a repeated submission safe: the same key with the same body gets the first answer again for 24 hours.
         * @example 6f1c1c0e-nightly-2026-05-01
         */
        IdempotencyKey: string;
        /**
         * @description Id of the job.
         * @example job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
         */
        JobId: string;
        /**
         * @description Id of the key.
         * @example key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
         */
        KeyId: string;
        /** @description How many items to return at most. */
        Limit: number;
        /**
         * @description Name of the model, or its id.
         * @example card-fraud
         */
        ModelName: components["schemas"]["ModelName"];
        /**
         * @description The model by name or id, or a version of it, `name@version` or `name@alias`.
         * @example card-fraud@production
         */
        ModelReference: components["schemas"]["ModelReference"];
        /**
         * @description Id of the user.
         * @example usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
         */
        UserId: string;
        /**
         * @description Number of the version.
         * @example 3
         */
        Version: number;
        /**
         * @description Id of the delivery, the same each time it is sent; drop those you have handled.
         * @example whd_0190c8f3b5c98d4fae207b6c5d4e3f20
         */
        WebhookId: string;
        /**
         * @description `v1,` and the base64 of the HMAC-SHA256 of `webhook-id.webhook-timestamp.body` under the endpoint's secret. While more than one secret is good, for a day after a rotation above all, there is one for each, separated by a space.
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        WebhookSignature: string;
        /**
         * @description When this attempt was sent, in seconds since 1970; refuse what is far from your clock.
         * @example 1777636800
         */
        WebhookTimestamp: string;
    };
    requestBodies: never;
    headers: {
        /** @description `true` where this is the stored answer to an earlier request with the same key. */
        IdempotencyReplayed: boolean;
        /** @description Where the new resource is. */
        Location: string;
        /**
         * @description What is left: `r` tokens, and the `t` seconds until the bucket is full again. On every authenticated response.
         * @example "principal";r=59999;t=1
         */
        RateLimit: string;
        /**
         * @description The limit: its name, `q` tokens, and the `w` seconds in which an empty bucket fills up. On every authenticated response.
         * @example "principal";q=60000;w=60
         */
        RateLimitPolicy: string;
        /** @description Seconds to wait before the next attempt. */
        RetryAfter: number;
        /** @description How to authenticate. */
        WwwAuthenticate: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    detectAnomalies: {
        parameters: {
            query?: {
                /** @description A trained model that scores the rows; for bodies other than JSON. */
                model_id?: components["schemas"]["ModelReference"];
                /** @description Name or alias of an algorithm; for bodies other than JSON. */
                algorithm?: components["schemas"]["AlgorithmName"];
                /** @description Parameters of the algorithm as a JSON object; for bodies other than JSON. */
                parameters?: string;
                /** @description Algorithms that score together, repeated for each; for bodies other than JSON. */
                ensemble_methods?: components["schemas"]["EnsembleMethods"];
                /** @description Expected share of anomalous rows, or `auto`; for bodies other than JSON. */
                contamination?: components["schemas"]["Contamination"];
                /** @description Column the model may use, repeated for several; for bodies other than JSON. */
                features?: components["schemas"]["QueryFeatures"];
                /** @description Types of columns as a JSON object; for bodies other than JSON. */
                column_types?: string;
                /** @description The column that orders the rows in time; for bodies other than JSON. */
                timestamp_column?: components["schemas"]["TimestampColumn"];
                /** @description The column that tells several series apart; for bodies other than JSON. */
                series_column?: components["schemas"]["SeriesColumn"];
                /** @description Sliding windows as a JSON object; for bodies other than JSON. */
                windows?: string;
                /** @description Whether to return `confidence`; for bodies other than JSON. */
                return_confidence?: boolean;
                /** @description Whether to return `explanations`; for bodies other than JSON. */
                include_explanations?: boolean;
                /** @description Which rows are explained; for bodies other than JSON. */
                explain_rows?: components["schemas"]["ExplainRows"];
                /** @description Seed of the algorithm; for bodies other than JSON. */
                random_state?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The rows, and in JSON the options too. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["DetectionRequest"];
                /**
                 * @example amount,category
                 *     12.5,food
                 *     13.0,food
                 *     990.0,travel
                 */
                "text/csv": components["schemas"]["CsvTable"];
                /** @example {"amount": 12.5} */
                "application/x-ndjson": components["schemas"]["NdjsonTable"];
                "application/vnd.apache.parquet": components["schemas"]["ParquetTable"];
                "application/vnd.apache.arrow.stream": components["schemas"]["ArrowTable"];
                "application/x-npy": components["schemas"]["NpyTable"];
            };
        };
        responses: {
            /** @description One score and one prediction per row. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetectionResult"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAlgorithms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The algorithms. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlgorithmList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAlgorithm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name or alias of the algorithm.
                 * @example isolation_forest
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The algorithm. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Algorithm"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listDatasets: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of datasets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    uploadDataset: {
        parameters: {
            query?: {
                /** @description A name for people, such as the file's. */
                name?: string;
            };
            header?: {
                /**
                 * @description Makes a repeated submission safe: the same key with the same body gets the first answer again for 24 hours.
                 * @example 6f1c1c0e-nightly-2026-05-01
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The table; JSON is an array of rows. */
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "amount": 12.5
                 *       },
                 *       {
                 *         "amount": 13
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["JsonTable"];
                /**
                 * @example amount,category
                 *     12.5,food
                 *     13.0,food
                 *     990.0,travel
                 */
                "text/csv": components["schemas"]["CsvTable"];
                /** @example {"amount": 12.5} */
                "application/x-ndjson": components["schemas"]["NdjsonTable"];
                "application/vnd.apache.parquet": components["schemas"]["ParquetTable"];
                "application/vnd.apache.arrow.stream": components["schemas"]["ArrowTable"];
                "application/x-npy": components["schemas"]["NpyTable"];
            };
        };
        responses: {
            /** @description The dataset is stored. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dataset"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the dataset.
                 * @example dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                dataset_id: components["parameters"]["DatasetId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dataset. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dataset"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the dataset.
                 * @example dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                dataset_id: components["parameters"]["DatasetId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dataset is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    profileDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the dataset.
                 * @example dts_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                dataset_id: components["parameters"]["DatasetId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The profile. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetProfile"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    batchDetect: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes a repeated submission safe: the same key with the same body gets the first answer again for 24 hours.
                 * @example 6f1c1c0e-nightly-2026-05-01
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The datasets and the options. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchDetectionRequest"];
            };
        };
        responses: {
            /** @description The job is stored. */
            202: {
                headers: {
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only jobs in this state. */
                state?: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJobStatus: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the job's end before answering. */
                wait?: number;
            };
            header?: never;
            path: {
                /**
                 * @description Id of the job.
                 * @example job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                job_id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the job.
                 * @example job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                job_id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job, cancelled or about to be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJobResult: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Which rows to return. */
                only?: "all" | "anomalies";
                /** @description The format, for callers that cannot set `Accept`. */
                format?: "json" | "ndjson" | "csv" | "parquet" | "excel";
            };
            header?: never;
            path: {
                /**
                 * @description Id of the job.
                 * @example job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                job_id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The result, whole or a page of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobResultPage"];
                    /** @example {"row": 0, "score": 0.12, "prediction": 0} */
                    "application/x-ndjson": components["schemas"]["NdjsonTable"];
                    /**
                     * @example row,score,prediction
                     *     0,0.12,0
                     */
                    "text/csv": components["schemas"]["CsvTable"];
                    "application/vnd.apache.parquet": components["schemas"]["ParquetTable"];
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": components["schemas"]["ExcelTable"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    streamJobEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description Id of the last event received. */
                "Last-Event-ID"?: string;
            };
            path: {
                /**
                 * @description Id of the job.
                 * @example job_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                job_id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream of events; the data of each is a job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Job"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listModels: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of models. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    trainModel: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes a repeated submission safe: the same key with the same body gets the first answer again for 24 hours.
                 * @example 6f1c1c0e-nightly-2026-05-01
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The name, the rows and the options. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrainingRequest"];
            };
        };
        responses: {
            /** @description The job is stored. */
            202: {
                headers: {
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The model. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The model is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listModelVersions: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of versions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelVersionList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getModelVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Number of the version.
                 * @example 3
                 */
                version: components["parameters"]["Version"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelVersion"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteModelVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Number of the version.
                 * @example 3
                 */
                version: components["parameters"]["Version"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getModelAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Name of the alias.
                 * @example production
                 */
                alias: components["parameters"]["Alias"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alias with its history. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelAliasHistory"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    setModelAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Name of the alias.
                 * @example production
                 */
                alias: components["parameters"]["Alias"];
            };
            cookie?: never;
        };
        /** @description The version. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelAliasTarget"];
            };
        };
        responses: {
            /** @description The alias. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelAlias"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteModelAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Name of the alias.
                 * @example production
                 */
                alias: components["parameters"]["Alias"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alias is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rollbackModelAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Name of the alias.
                 * @example production
                 */
                alias: components["parameters"]["Alias"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alias. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelAlias"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    predictWithModel: {
        parameters: {
            query?: {
                /** @description Whether to return `confidence`; for bodies other than JSON. */
                return_confidence?: boolean;
                /** @description Whether to return `explanations`; for bodies other than JSON. */
                include_explanations?: boolean;
                /** @description Which rows are explained; for bodies other than JSON. */
                explain_rows?: components["schemas"]["ExplainRows"];
            };
            header?: never;
            path: {
                /**
                 * @description The model by name or id, or a version of it, `name@version` or `name@alias`.
                 * @example card-fraud@production
                 */
                name: components["parameters"]["ModelReference"];
            };
            cookie?: never;
        };
        /** @description The rows, and in JSON the options too. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["PredictionRequest"];
                /**
                 * @example amount,category
                 *     12.5,food
                 *     13.0,food
                 *     990.0,travel
                 */
                "text/csv": components["schemas"]["CsvTable"];
                /** @example {"amount": 12.5} */
                "application/x-ndjson": components["schemas"]["NdjsonTable"];
                "application/vnd.apache.parquet": components["schemas"]["ParquetTable"];
                "application/vnd.apache.arrow.stream": components["schemas"]["ArrowTable"];
                "application/x-npy": components["schemas"]["NpyTable"];
            };
        };
        responses: {
            /** @description One score and one prediction per row. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetectionResult"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getModelFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The model by name or id, or a version of it, `name@version` or `name@alias`.
                 * @example card-fraud@production
                 */
                name: components["parameters"]["ModelReference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the labels say. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelFeedback"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    giveModelFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The model by name or id, or a version of it, `name@version` or `name@alias`.
                 * @example card-fraud@production
                 */
                name: components["parameters"]["ModelReference"];
            };
            cookie?: never;
        };
        /** @description The rows and their labels. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelFeedbackRequest"];
            };
        };
        responses: {
            /** @description What the labels say. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelFeedback"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    packageModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The model by name or id, or a version of it, `name@version` or `name@alias`.
                 * @example card-fraud@production
                 */
                name: components["parameters"]["ModelReference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The package. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.pynomaly.model-package": components["schemas"]["ModelPackage"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    importModel: {
        parameters: {
            query?: {
                /** @description Name of the model; that which it was packaged from where it is left out. */
                name?: components["schemas"]["ModelName"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The file. */
        requestBody: {
            content: {
                "application/vnd.pynomaly.model-package": components["schemas"]["ModelPackage"];
            };
        };
        responses: {
            /** @description The version. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelVersion"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getModelDrift: {
        parameters: {
            query?: {
                /** @description How many hours are looked at, the present one included. */
                hours?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The model by name or id, or a version of it, `name@version` or `name@alias`.
                 * @example card-fraud@production
                 */
                name: components["parameters"]["ModelReference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The drift. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelDrift"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getModelRetraining: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Name of the alias.
                 * @example production
                 */
                alias: components["parameters"]["Alias"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelRetraining"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    setModelRetraining: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Name of the alias.
                 * @example production
                 */
                alias: components["parameters"]["Alias"];
            };
            cookie?: never;
        };
        /** @description The rule. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetrainingRule"];
            };
        };
        responses: {
            /** @description The rule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelRetraining"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteModelRetraining: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Name of the alias.
                 * @example production
                 */
                alias: components["parameters"]["Alias"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    retrainModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the model, or its id.
                 * @example card-fraud
                 */
                name: components["parameters"]["ModelName"];
                /**
                 * @description Name of the alias.
                 * @example production
                 */
                alias: components["parameters"]["Alias"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job is stored. */
            202: {
                headers: {
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Who logs in. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description The tokens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenPair"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    refreshToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The refresh token. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description The new tokens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenPair"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The refresh token. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of users. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Who it is and what they may do. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserCreation"];
            };
        };
        responses: {
            /** @description The user. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the user.
                 * @example usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the user.
                 * @example usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the user.
                 * @example usr_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** @description What is to change. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChanges"];
            };
        };
        responses: {
            /** @description The user as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    whoAmI: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Caller"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The password as it is and as it is to be. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description The password is changed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What the key is for and what it may do. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateApiKeyRequest"];
            };
        };
        responses: {
            /** @description The key. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the key.
                 * @example key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                key_id: components["parameters"]["KeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the key.
                 * @example key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                key_id: components["parameters"]["KeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The revoked key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the key.
                 * @example key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                key_id: components["parameters"]["KeyId"];
            };
            cookie?: never;
        };
        /** @description How long both keys work. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateApiKeyRequest"];
            };
        };
        responses: {
            /** @description The new key. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listCredentials: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of credentials. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createCredential: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The name and the secrets. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialRequest"];
            };
        };
        responses: {
            /** @description The credential, without its secrets. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the stored credential.
                 * @example crd_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                credential_id: components["parameters"]["CredentialId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credential. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    replaceCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the stored credential.
                 * @example crd_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                credential_id: components["parameters"]["CredentialId"];
            };
            cookie?: never;
        };
        /** @description The name and the secrets. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialRequest"];
            };
        };
        responses: {
            /** @description The credential, without its secrets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the stored credential.
                 * @example crd_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                credential_id: components["parameters"]["CredentialId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credential is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAuditLog: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only what this caller did, by the id of its key or user. */
                actor?: string;
                /** @description Only this operation, such as `createApiKey`. */
                action?: string;
                /** @description Only what was done to the resource with this id. */
                resource?: string;
                /** @description Only entries that ended so. */
                outcome?: "succeeded" | "refused" | "failed";
                /** @description Only entries from this moment on. */
                since?: string;
                /** @description Only entries before this moment. */
                until?: string;
                /** @description The format, for callers that cannot set `Accept`. */
                format?: "json" | "ndjson" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the log, or all of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditLog"];
                    /** @example {"seq": 7, "action": "createApiKey", "outcome": "succeeded"} */
                    "application/x-ndjson": components["schemas"]["NdjsonTable"];
                    /**
                     * @example seq,time,actor,action
                     *     7,2026-05-01T12:00:00.000000Z,key_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f,createApiKey
                     */
                    "text/csv": components["schemas"]["CsvTable"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUsage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is used. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listWebhookEndpoints: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of endpoints. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The address and what it is told. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookEndpointCreation"];
            };
        };
        responses: {
            /** @description The endpoint, with its secret. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointSecret"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the webhook endpoint.
                 * @example whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                endpoint_id: components["parameters"]["EndpointId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the webhook endpoint.
                 * @example whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                endpoint_id: components["parameters"]["EndpointId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the webhook endpoint.
                 * @example whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                endpoint_id: components["parameters"]["EndpointId"];
            };
            cookie?: never;
        };
        /** @description What is to change. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookEndpointChanges"];
            };
        };
        responses: {
            /** @description The endpoint as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["UriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the webhook endpoint.
                 * @example whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                endpoint_id: components["parameters"]["EndpointId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint, with its new secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointSecret"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    testWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the webhook endpoint.
                 * @example whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                endpoint_id: components["parameters"]["EndpointId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery is stored and will be sent. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description How many items to return at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; leave it out for the first page. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only deliveries in this state. */
                state?: "pending" | "delivered" | "failed";
            };
            header?: never;
            path: {
                /**
                 * @description Id of the webhook endpoint.
                 * @example whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                endpoint_id: components["parameters"]["EndpointId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveryList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    redeliverWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Id of the webhook endpoint.
                 * @example whe_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f
                 */
                endpoint_id: components["parameters"]["EndpointId"];
                /**
                 * @description Id of the delivery.
                 * @example whd_0190c8f3b5c98d4fae207b6c5d4e3f20
                 */
                delivery_id: components["parameters"]["DeliveryId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery, pending again. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    healthCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of the server and its parts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
        };
    };
    checkLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liveness"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
        };
    };
    checkReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example # HELP pynomaly_tenants Tenants that are not disabled.
                     *     # TYPE pynomaly_tenants gauge
                     *     pynomaly_tenants 1
                     */
                    "text/plain": components["schemas"]["Metrics"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getContract: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The OpenAPI document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Contract"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example <!doctype html> */
                    "text/html": components["schemas"]["Page"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["UriTooLong"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimited"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
        };
    };
    jobSucceeded: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Id of the delivery, the same each time it is sent; drop those you have handled.
                 * @example whd_0190c8f3b5c98d4fae207b6c5d4e3f20
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When this attempt was sent, in seconds since 1970; refuse what is far from your clock.
                 * @example 1777636800
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA256 of `webhook-id.webhook-timestamp.body` under the endpoint's secret. While more than one secret is good, for a day after a rotation above all, there is one for each, separated by a space.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The message. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobEvent"];
            };
        };
        responses: {
            /** @description Any 2xx says that the message has arrived. 410 disables the endpoint. Whatever else is answered, the message is sent again later, and not before a `Retry-After` of a 429 or 503 is over. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    jobFailed: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Id of the delivery, the same each time it is sent; drop those you have handled.
                 * @example whd_0190c8f3b5c98d4fae207b6c5d4e3f20
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When this attempt was sent, in seconds since 1970; refuse what is far from your clock.
                 * @example 1777636800
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA256 of `webhook-id.webhook-timestamp.body` under the endpoint's secret. While more than one secret is good, for a day after a rotation above all, there is one for each, separated by a space.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The message. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobEvent"];
            };
        };
        responses: {
            /** @description Any 2xx says that the message has arrived. 410 disables the endpoint. Whatever else is answered, the message is sent again later, and not before a `Retry-After` of a 429 or 503 is over. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    jobCancelled: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Id of the delivery, the same each time it is sent; drop those you have handled.
                 * @example whd_0190c8f3b5c98d4fae207b6c5d4e3f20
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When this attempt was sent, in seconds since 1970; refuse what is far from your clock.
                 * @example 1777636800
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA256 of `webhook-id.webhook-timestamp.body` under the endpoint's secret. While more than one secret is good, for a day after a rotation above all, there is one for each, separated by a space.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The message. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobEvent"];
            };
        };
        responses: {
            /** @description Any 2xx says that the message has arrived. 410 disables the endpoint. Whatever else is answered, the message is sent again later, and not before a `Retry-After` of a 429 or 503 is over. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    webhookTest: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Id of the delivery, the same each time it is sent; drop those you have handled.
                 * @example whd_0190c8f3b5c98d4fae207b6c5d4e3f20
                 */
                "webhook-id": components["parameters"]["WebhookId"];
                /**
                 * @description When this attempt was sent, in seconds since 1970; refuse what is far from your clock.
                 * @example 1777636800
                 */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /**
                 * @description `v1,` and the base64 of the HMAC-SHA256 of `webhook-id.webhook-timestamp.body` under the endpoint's secret. While more than one secret is good, for a day after a rotation above all, there is one for each, separated by a space.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The message. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookTestEvent"];
            };
        };
        responses: {
            /** @description Any 2xx says that the message has arrived. 410 disables the endpoint. Whatever else is answered, the message is sent again later, and not before a `Retry-After` of a 429 or 503 is over. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
