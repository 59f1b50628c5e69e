"""Loads a version for a job from where its file lies at the moment."""

from __future__ import annotations

from pynomaly_server.detection.pipeline import FittedPipeline
from pynomaly_server.jobs.kinds import Work
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.models.artefacts import UnreadableError, load
from pynomaly_server.models.repository import StoredVersion, find_stored


def load_version(work: Work, model_id: str, version: int) -> FittedPipeline:
    """A version of a model of the job's tenant: it may have been signed anew since the job was submitted.

    Raises:
        UnreadableError: its file cannot be used, or the version is not there any more.
    """

    def look_up() -> StoredVersion | None:
        with work.attempts.sessions.read() as session:
            return find_stored(session, work.attempt.tenant_id, model_id, version)

    stored = patiently(look_up)
    if stored is None:
        raise UnreadableError("it has been deleted")
    settings = work.settings
    key, sha256 = stored.artefact_key, stored.artefact_sha256
    return load(work.store, key, sha256, settings.secret, settings.former_secrets)
