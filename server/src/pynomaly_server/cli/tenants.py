"""`pynomaly tenants`: the tenants of a server and what each may use."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pynomaly_server.cli.commands import add_command, add_data_dir
from pynomaly_server.cli.database import with_sessions
from pynomaly_server.runtime.faults import RuntimeFault

if TYPE_CHECKING:
    from pynomaly_server.auth.tenants import TenantService
    from pynomaly_server.db.session import AsyncSessions
    from pynomaly_server.db.tables import TenantRow
    from pynomaly_server.quotas.service import Quotas
    from pynomaly_server.settings import Settings

Answer = TypeVar("Answer")
NO_QUOTA: Final = 0
_QUOTAS: Final = {
    "requests": "requests in a month",
    "rows": "scored rows in a month",
    "stored_bytes": "bytes of all datasets",
    "jobs": "jobs that are queued or running",
}


@dataclass(frozen=True, slots=True)
class _Rooms:
    tenants: TenantService
    quotas: Quotas


def register(commands: Any) -> None:
    """Add `tenants` to `commands`, what `ArgumentParser.add_subparsers` returned."""
    what = "list and make tenants, and say what each may use"
    parser = commands.add_parser("tenants", help=what, description=f"{what.capitalize()}.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listed = add_command(actions, "list", _list, "list tenants and their quotas")
    create = add_command(actions, "create", _create, "make a tenant and print its first API key, this once")
    create.add_argument("name", metavar="NAME", help="a name for people")
    quota = add_command(actions, "quota", _quota, "give a tenant quotas of its own")
    quota.add_argument("tenant", metavar="TENANT", help="its name or id")
    for name, text in _QUOTAS.items():
        option = f"--{name.replace('_', '-')}"
        quota.add_argument(
            option, type=_amount, metavar="N", help=f"{text}; `none`, or `default` for what the settings say"
        )
    for action in (listed, create, quota):
        add_data_dir(action)


def _list(arguments: argparse.Namespace) -> int:
    async def listed(rooms: _Rooms) -> list[tuple[TenantRow, Any]]:
        return [(row, await rooms.quotas.of(row.id)) for row in await rooms.tenants.all()]

    print(f"{'ID':<38}{'REQUESTS':>14}{'ROWS':>14}{'BYTES':>18}{'JOBS':>8}  NAME")
    for row, quota in _asked(arguments, listed):
        told = [_told(getattr(quota, name)) for name in _QUOTAS]
        print(f"{row.id:<38}{told[0]:>14}{told[1]:>14}{told[2]:>18}{told[3]:>8}  {row.name}")
    return 0


def _create(arguments: argparse.Namespace) -> int:
    from pynomaly_server.auth.tenants import TenantTakenError

    async def create(rooms: _Rooms) -> tuple[str, str]:
        try:
            return await rooms.tenants.create(arguments.name)
        except TenantTakenError:
            raise RuntimeFault(f"There is a tenant {arguments.name!r} already.") from None

    tenant_id, key = _asked(arguments, create)
    print(f"{tenant_id}\n{key}")
    return 0


def _quota(arguments: argparse.Namespace) -> int:
    said = {name: getattr(arguments, name) for name in _QUOTAS if getattr(arguments, name) is not None}
    values = {name: None if value == "default" else value for name, value in said.items()}

    async def change(rooms: _Rooms) -> tuple[str, Any]:
        tenant = await rooms.tenants.named(arguments.tenant)
        if tenant is None:
            raise RuntimeFault(f"There is no tenant {arguments.tenant!r}. `tenants list` shows them.")
        if values:
            await rooms.quotas.change(tenant.id, **values)
        return tenant.name, await rooms.quotas.of(tenant.id)

    name, quota = _asked(arguments, change)
    print(f"{name} may use:")
    for each, text in _QUOTAS.items():
        print(f"  {_told(getattr(quota, each)):>18}  {text}")
    return 0


def _told(quota: int | None) -> str:
    return "any" if quota is None else f"{quota:,}"


def _amount(text: str) -> int | str:
    """An argument's type: a whole number from 1 on, `none` or `default`."""
    if text == "default":
        return text
    if text == "none":
        return NO_QUOTA
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount; give 1 or more, none or default")
    return int(text)


def _asked(arguments: argparse.Namespace, ask: Callable[[_Rooms], Awaitable[Answer]]) -> Answer:
    """What `ask` gets from the server that the settings name."""
    from pynomaly_server.auth.service import AuthService
    from pynomaly_server.auth.tenants import TenantService
    from pynomaly_server.quotas.service import Quotas

    def asked(sessions: AsyncSessions, settings: Settings, secret_key: str) -> Awaitable[Answer]:
        tenants = TenantService(sessions, AuthService(sessions, secret_key))
        return ask(_Rooms(tenants, Quotas(sessions, settings)))

    return with_sessions(arguments, asked)
