"""Gives versions out as packages and takes packages in."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import ModelOrigin, ModelVersion
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import ModelRow, ModelVersionRow
from pynomaly_server.db.tenants import hold_tenant
from pynomaly_server.features import Feature, Features
from pynomaly_server.ids import new_id
from pynomaly_server.models.artefacts import UnreadableError, imported_key, signing_key, signing_keys
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.described import version_of
from pynomaly_server.models.opening import OpenModels, unreadable
from pynomaly_server.models.packages.contents import PackedVersion
from pynomaly_server.models.packages.errors import PackageError, UntrustedPackage
from pynomaly_server.models.packages.reading import Unpacked, unpack
from pynomaly_server.models.packages.signatures import PackageKeys
from pynomaly_server.models.packages.writing import package
from pynomaly_server.models.recording import record_version
from pynomaly_server.models.references import is_id, parse
from pynomaly_server.models.repository import ModelRepository
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.threads import drawn_in_threads, in_thread

PACKAGE_REMEDY: Final = "Ask the operator of the server for a higher limit."
_PARALLEL_IMPORTS: Final = 2
"""Each holds a model in memory while it is loaded as a trial."""
_log = structlog.get_logger("pynomaly.models")


class PackageService:
    """`keys` sign what is given out and say whose packages are taken in."""

    def __init__(
        self,
        sessions: AsyncSessions,
        store: ObjectStore,
        models: OpenModels,
        datasets: DatasetService,
        announcements: Announcements,
        keys: PackageKeys,
        secret: str,
        former: Sequence[str] = (),
        features: Features | None = None,
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._models = models
        self._datasets = datasets
        self._announcements = announcements
        self._keys = keys
        self._signing_key = signing_key(secret)
        self._signing_keys = (self._signing_key, *signing_keys(former))
        self._features = features or Features()
        self._imports = asyncio.Semaphore(_PARALLEL_IMPORTS)

    async def export(self, principal: Principal, reference: str) -> tuple[str, AsyncIterator[bytes]]:
        """A name for the package of the version that a reference means, and the package piece by piece.

        Raises:
            ProblemError: `not-found`, or `model-unreadable`.
        """
        kept = (await self._models.resolved(principal.tenant_id, parse(reference))).kept
        async with self._sessions.read() as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await models.find(kept.model_id)
            row = await models.version(kept.model_id, kept.version)
        if model is None or row is None:
            raise ProblemError("not-found", f"The model {kept.name} has no version {kept.version} any more.")
        shown = version_of(model, row, [])
        chunks = package(
            self._store, row.artefact_key, shown, _packed(model, row), self._keys, self._signing_keys
        )
        try:
            first = await in_thread(next, chunks)
        except UnreadableError as error:
            raise unreadable(kept, str(error)) from None
        return f"{kept.name}-{kept.version}.pynomaly", _all_of(first, chunks)

    async def take(self, principal: Principal, body: AsyncIterator[bytes], name: str | None) -> ModelVersion:
        """Make a version of a package: the next of the model `name`, or of the one that it was packed from.

        Where the model has that version already, it is answered and nothing is made.

        Raises:
            ProblemError: `bad-package`, `untrusted-package`, `payload-too-large`, `quota-exceeded`,
                `switched-off`, or `validation` for the name.
        """
        self._features.check(Feature.UPLOADS)
        if name is not None and is_id(name):
            raise invalid([Fault("?name", "looks like the id of a model; take a name")])
        with tempfile.TemporaryDirectory(prefix="pynomaly-package-") as folder:
            file, envelope = Path(folder, "package"), Path(folder, "envelope")
            await _spool(body, file)
            async with self._imports:
                try:
                    unpacked = await in_thread(unpack, file, self._keys, envelope, self._signing_key)
                except UntrustedPackage as error:
                    raise ProblemError("untrusted-package", str(error)) from None
                except PackageError as error:
                    raise ProblemError("bad-package", str(error)) from None
            key = imported_key(principal.tenant_id, new_id("imp"))
            await in_thread(self._store.put_file, key, envelope)
        try:
            return await self._recorded(principal, unpacked, name or unpacked.version.name, key)
        finally:
            # Whatever happened, the caller hanging up included: the file of no version is not kept.
            await self._remove_unless_kept(principal.tenant_id, key)

    async def _recorded(self, principal: Principal, unpacked: Unpacked, name: str, key: str) -> ModelVersion:
        """The version that a package is now; `key` is where its model was put."""
        packed, tenant_id = unpacked.version, principal.tenant_id
        origin = ModelOrigin(
            model_id=packed.model_id,
            name=packed.name,
            version=packed.version,
            created_at=packed.created_at,
            signed_by=unpacked.signed_by,
        )
        quota = await self._datasets.storage_quota(principal)
        async with self._announcements.of_change(tenant_id), self._sessions.write() as session:
            # The tenant first, as whoever records a training does.
            await session.execute(hold_tenant(tenant_id))
            models = ModelRepository(session, tenant_id)
            model = await models.hold(name)
            row = None if model is None else await _same(models, model, unpacked)
            if row is None:
                await self._datasets.check_room(session, principal, quota, unpacked.envelope.size, "model")
                record = partial(
                    record_version,
                    tenant_id=tenant_id,
                    name=name,
                    algorithm=packed.algorithm,
                    contamination=packed.contamination,
                    n_rows=packed.n_rows,
                    label_column=packed.label_column,
                    metrics=packed.metrics,
                    details=packed.details | {"imported": msgspec.to_builtins(origin)},
                    artefact_key=key,
                    artefact_sha256=unpacked.envelope.sha256,
                    artefact_bytes=unpacked.envelope.size,
                    job_id=packed.job_id,
                    created_by=principal.subject,
                )
                outcome = await session.run_sync(record)
                model = await models.find(outcome["model"]["model_id"])
                row = await models.version(outcome["model"]["model_id"], outcome["model"]["version"])
            assert model is not None
            assert row is not None
            aliases = await models.aliases([model.id])
            try:
                shown = version_of(model, row, aliases)
            except msgspec.ValidationError as error:
                raise ProblemError(
                    "bad-package",
                    f"The package does not fit this release ({error}). Import it at the release that made "
                    "it, or train the model anew.",
                ) from error
            await session.commit()
        return shown

    async def _remove_unless_kept(self, tenant_id: str, key: str) -> None:
        try:
            async with self._sessions.read() as session:
                if await ModelRepository(session, tenant_id).is_kept(key):
                    return
            await self._store.delete(key)
        except Exception:  # noqa: BLE001 - what the caller is told does not depend on it; it is swept in time
            _log.warning("file of a package was not removed", key=key, exc_info=True)


def _packed(model: ModelRow, row: ModelVersionRow) -> PackedVersion:
    details: dict[str, Any] = {name: value for name, value in row.details.items() if name != "imported"}
    return PackedVersion(
        model_id=model.id,
        name=model.name,
        version=row.version,
        algorithm=row.algorithm,
        contamination=row.contamination,
        n_rows=row.n_rows,
        label_column=row.label_column,
        metrics=row.metrics,
        details=details,
        job_id=row.job_id,
        created_at=row.created_at,
    )


async def _same(models: ModelRepository, model: ModelRow, unpacked: Unpacked) -> ModelVersionRow | None:
    """The version of a model that a package was made of, or that was made of the package before."""
    packed = unpacked.version
    for row in await models.with_artefact(model.id, unpacked.envelope.sha256):
        origin = row.details.get("imported")
        of = (model.id, row.version) if origin is None else (origin["model_id"], origin["version"])
        if of == (packed.model_id, packed.version):
            return row
    return None


async def _spool(body: AsyncIterator[bytes], path: Path) -> None:
    file = await in_thread(path.open, "wb")
    with file:
        async for chunk in body:
            await in_thread(file.write, chunk)


async def _all_of(first: bytes, rest: Generator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in drawn_in_threads(rest):
        yield chunk
