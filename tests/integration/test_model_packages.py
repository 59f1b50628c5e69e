"""Models as files: given out signed, taken back verified, by this installation and by one that trusts it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
import yaml
from tests.integration.registry import ROWS, UNLABELLED, one_database

from pynomaly_server.contract.structs import ModelVersion, TrainingRequest
from pynomaly_server.db.tables import ModelVersionRow
from pynomaly_server.detection.fitting import fit_rows
from pynomaly_server.detection.pipeline import dump_pipeline
from pynomaly_server.models.artefacts import signing_key
from pynomaly_server.models.cache import ModelCache
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.packages import form
from pynomaly_server.models.packages.service import PackageService
from pynomaly_server.models.packages.signatures import PackageKeys
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.tabular.reading import frame_from_rows
from pynomaly_server.worker.broker import connect_async

ELSEWHERE = "another installation's secret key, of 32 characters and more"


@dataclass
class Packages:
    """The packages of an installation in its registry; `secret` is its secret key."""

    registry: object
    service: PackageService
    keys: PackageKeys

    @classmethod
    def of(cls, registry, secret=None, trusted=()):
        world = registry.world
        secret = secret or world.settings.secret
        keys = PackageKeys(secret, frozenset(trusted))
        models = OpenModels(world.async_sessions, world.store, ModelCache(0), secret)
        service = PackageService(
            world.async_sessions,
            world.store,
            models,
            world.datasets,
            Announcements(connect_async(world.settings.broker_url)),
            keys,
            secret,
        )
        return cls(registry, service, keys)

    async def export(self, reference="fraud"):
        _, chunks = await self.service.export(self.registry.world.principal, reference)
        return b"".join([chunk async for chunk in chunks])

    async def take(self, data, name=None):
        async def pieces():
            for start in range(0, len(data), 10_000):
                yield data[start : start + 10_000]

        return await self.service.take(self.registry.world.principal, pieces(), name)

    async def refused(self, data, code, said):
        """Taking this in is refused, and leaves neither a version nor a file."""
        registry = self.registry
        before = _kept(registry)
        with pytest.raises(ProblemError, match=said) as refused:
            await self.take(data, "taken")
        assert refused.value.code == code
        assert _kept(registry) == before
        return refused.value.detail


def _kept(registry):
    world = registry.world
    with world.sessions.read() as session:
        versions = session.scalars(sa.select(ModelVersionRow.artefact_key)).all()
    return sorted(versions), sorted(found.key for found in world.store.list_objects("tenants"))


@pytest.fixture
def packages(registry):
    return Packages.of(registry)


def members(data):
    """The members of a package, as any program for tar archives has them."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        return {each.name: archive.extractfile(each).read() for each in archive}


def signed(manifest, data, keys):
    """A package with another manifest, rightly signed."""
    files = members(data)
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    files |= {form.MANIFEST: text, form.SIGNATURE: keys.sign(text)}
    return b"".join(form.member(name, each) for name, each in files.items()) + form.END


async def test_a_package_brings_back_a_deleted_version_that_scores_bit_for_bit_as_before(packages):
    registry, principal = packages.registry, packages.registry.world.principal
    await registry.train(data=ROWS, label_column="fraud", parameters={"n_estimators": 20})
    before = await registry.models.version(principal, "fraud", 1)
    scores = (await registry.predict("fraud")).scores
    package = await packages.export()
    await registry.models.delete(principal, "fraud")
    taken = await packages.take(package)
    assert (taken.name, taken.version) == ("fraud", 1)
    assert (taken.imported.name, taken.imported.version) == ("fraud", 1)
    assert (taken.imported.model_id, taken.imported.signed_by) == (before.model_id, packages.keys.public)
    assert taken.imported.created_at == before.created_at
    assert (await registry.predict("fraud")).scores == scores
    for told in (
        "artefact",
        "metrics",
        "profile",
        "data",
        "parameters",
        "columns",
        "libraries",
        "label_column",
    ):
        assert getattr(taken, told) == getattr(before, told), told
    assert await registry.models.version(principal, "fraud", 1) == taken


@one_database
async def test_a_package_of_the_same_version_has_always_the_same_bytes(packages):
    await packages.registry.train()
    first = await packages.export("fraud@1")
    await packages.registry.point("production", 1)
    again = Packages.of(packages.registry)
    assert await again.export("fraud@production") == first


@one_database
async def test_any_program_for_archives_shows_the_card_and_the_configuration(packages):
    registry = packages.registry
    await registry.train(data=ROWS, label_column="fraud", algorithm="knn", contamination=0.07)
    version = await registry.models.version(registry.world.principal, "fraud", 1)
    files = members(await packages.export())
    assert list(files) == [form.MANIFEST, form.SIGNATURE, form.CARD, form.CONFIG, form.MODEL]
    card = files[form.CARD].decode()
    assert card.startswith("# fraud, version 1\n")
    assert "| amount | numeric | yes | 0 |" in card
    assert f"- roc_auc: {version.metrics.roc_auc:.4f}" in card
    assert version.data.sha256 in card
    config = yaml.safe_load(files[form.CONFIG])
    assert config["algorithm"] == "knn"
    assert config["parameters"] == version.parameters
    request = TrainingRequest(
        data=UNLABELLED, **{name: config[name] for name in config if name != "label_column"}
    )
    anew = fit_rows(frame_from_rows(request.data, None, UNLIMITED), request)
    envelope = dump_pipeline(anew, signing_key(registry.world.settings.secret))
    assert hashlib.sha256(envelope).hexdigest() == version.artefact.sha256


async def test_another_installation_takes_a_package_where_its_operator_trusts_the_key(packages):
    registry = packages.registry
    await registry.train()
    scores = (await registry.predict("fraud")).scores
    package = await packages.export()
    stranger = Packages.of(registry, ELSEWHERE)
    said = await stranger.refused(package, "untrusted-package", "which is neither this server's nor one that")
    assert packages.keys.public in said
    friend = Packages.of(registry, ELSEWHERE, [packages.keys.public])
    taken = await friend.take(package, "from-afar")
    assert (taken.name, taken.version, taken.imported.signed_by) == ("from-afar", 1, packages.keys.public)
    # Its file is signed with the secret of the installation that took it, so that this one alone reads it.
    with pytest.raises(ProblemError, match="this server cannot load it"):
        await registry.predict("from-afar")
    there = Packages.of(registry, ELSEWHERE)
    repacked = members(await there.export("from-afar"))
    assert repacked[form.MODEL] == members(package)[form.MODEL]
    registry.predictions._models._secret = ELSEWHERE
    assert (await registry.predict("from-afar")).scores == scores


@one_database
async def test_taking_the_same_package_again_makes_nothing_and_answers_the_version(packages):
    registry = packages.registry
    await registry.train()
    package = await packages.export()
    there = _kept(registry)
    own = await packages.take(package)
    assert (own.version, own.imported) == (1, None)
    assert _kept(registry) == there
    first = await packages.take(package, "copy")
    there = _kept(registry)
    second = await packages.take(package, "copy")
    assert second == first
    assert _kept(registry) == there


@one_database
async def test_a_package_with_a_bit_flipped_anywhere_is_refused(packages):
    registry = packages.registry
    await registry.train(parameters={"n_estimators": 5})
    package = await packages.export()
    offsets = {}
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:") as archive:
        for each in archive:
            offsets |= {
                f"header of {each.name}": each.offset + 3,
                each.name: each.offset_data + each.size // 2,
            }
            offsets[f"size of {each.name}"] = each.offset + 130
            if each.size % tarfile.BLOCKSIZE:
                offsets[f"behind {each.name}"] = each.offset_data + each.size
    for place, at in ({**offsets, "end": len(package) - 1}).items():
        broken = bytearray(package)
        broken[at] ^= 1
        said = await packages.refused(bytes(broken), "bad-package", "package")
        assert "Send a file that packageModel gave" in said or "Get the file again" in said, place


@one_database
async def test_a_package_that_is_cut_or_longer_or_none_at_all_is_refused(packages):
    await packages.registry.train(parameters={"n_estimators": 5})
    package = await packages.export()
    for end in (0, 100, 512, 1500, len(package) // 2, len(package) - 1):
        await packages.refused(package[:end], "bad-package", "The package is cut short")
    await packages.refused(package + b"\0", "bad-package", "its end is not as it has to be")
    await packages.refused(b"PK\x03\x04" * 1000, "bad-package", "This is no package of a model")


@one_database
async def test_a_package_of_a_newer_format_is_refused_by_name(packages):
    await packages.registry.train(parameters={"n_estimators": 5})
    package = await packages.export()
    manifest = json.loads(members(package)[form.MANIFEST])
    newer = signed(manifest | {"format": 2}, package, packages.keys)
    await packages.refused(newer, "bad-package", "The package has format 2; this release reads format 1")
    strange = json.loads(json.dumps(manifest))
    strange["model"]["details"]["columns"] = "three"
    await packages.refused(
        signed(strange, package, packages.keys), "bad-package", "The package does not fit this release"
    )


@one_database
async def test_nothing_of_a_foreign_package_is_parsed(packages, monkeypatch):
    await packages.registry.train(parameters={"n_estimators": 5})
    package = await packages.export()
    for room in ("json.loads", "pynomaly_server.models.packages.reading.load_pipeline"):
        monkeypatch.setattr(room, None)
    stranger = Packages.of(packages.registry, ELSEWHERE)
    await stranger.refused(package, "untrusted-package", "is signed with the key ed25519:")


@one_database
async def test_an_imported_model_counts_towards_the_quota_of_bytes(packages):
    registry = packages.registry
    world = registry.world
    await registry.train()
    package = await packages.export()
    stored = await world.datasets.stored_bytes(world.principal)
    quotas = Quotas(world.async_sessions, world.settings)
    size = registry.artefact(1).stat().st_size
    await quotas.change(world.principal.tenant_id, stored_bytes=stored + size - 1)
    world.datasets._quotas._remembered.clear()
    await packages.refused(package, "quota-exceeded", "and this model has")
    await quotas.change(world.principal.tenant_id, stored_bytes=stored + size)
    world.datasets._quotas._remembered.clear()
    await packages.take(package, "taken")
    assert await world.datasets.stored_bytes(world.principal) == stored + size


@one_database
async def test_a_damaged_file_is_not_packaged(packages):
    await packages.registry.train()
    file = packages.registry.artefact(1)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(ProblemError, match="cannot be used: its file is damaged") as refused:
        await packages.export()
    assert refused.value.code == "model-unreadable"
    file.unlink()
    with pytest.raises(ProblemError, match="cannot be used: its file is not in the storage"):
        await packages.export()


@one_database
async def test_another_tenants_model_is_not_packaged(packages):
    await packages.registry.train()
    with pytest.raises(ProblemError, match="There is no model shared") as refused:
        await packages.export("shared")
    assert refused.value.code == "not-found"
    assert isinstance(await packages.take(await packages.export()), ModelVersion)
