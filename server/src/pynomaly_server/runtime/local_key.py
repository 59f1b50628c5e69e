"""The API key of the person who starts the server, kept in the profile that `PynomalyClient()` reads."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from pynomaly.errors import ConfigurationError
from pynomaly.profile import Profile, profile_path, read_profile, write_profile
from pynomaly_server.auth.principal import EVERYTHING
from pynomaly_server.auth.service import AuthService
from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.secret_keys.former import FormerKeys
from pynomaly_server.settings import Settings


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A key and the profile that holds it.

    Attributes:
        set_aside: where the profile went that was there before and belonged to another server.
    """

    profile: Path
    plain: str = field(repr=False)
    set_aside: Path | None = None


def provide(settings: Settings, url: str) -> LocalKey:
    """Have the profile name this server and a key of it.

    The first start makes the admin key. Later starts keep the profile's key while it is good and make another
    where it is not: the server keeps only hashes, so it cannot write an old key down again.
    """
    return asyncio.run(_provide(settings, url))


async def _provide(settings: Settings, url: str) -> LocalKey:
    engine = make_async_engine(settings)
    try:
        sessions = make_async_sessions(engine)
        former = FormerKeys(sessions, settings.secret, settings.former_secrets)
        auth = AuthService(sessions, settings.secret, former=former)
        kept = _readable_profile()
        if kept is not None and kept.api_key and await auth.authenticate(kept.api_key) is not None:
            if kept.base_url != url:
                write_profile(base_url=url, api_key=kept.api_key, created_at=kept.created_at)
            return LocalKey(profile_path(), kept.api_key)
        set_aside = _set_aside() if kept is not None else None
        made: list[str] = []

        def deliver(plain: str) -> None:
            write_profile(base_url=url, api_key=plain)
            made.append(plain)

        if not await auth.ensure_first_key(deliver):
            tenant = await auth.default_tenant()
            assert tenant is not None
            deliver((await auth.create_key(tenant, "local profile", [EVERYTHING]))[0])
        return LocalKey(profile_path(), made[-1], set_aside)
    finally:
        await engine.dispose()


def _readable_profile() -> Profile | None:
    try:
        return read_profile()
    except ConfigurationError:
        return None


def _set_aside() -> Path:
    """Keep a profile that is not ours: its key may be the only copy."""
    old = profile_path().with_suffix(".json.old")
    profile_path().replace(old)
    return old
