"""`pynomaly audit`: the audit logs of all tenants, verified in the server's database."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pynomaly_server.cli.commands import FAILED, add_command, add_data_dir
from pynomaly_server.cli.database import with_sessions
from pynomaly_server.runtime.faults import RuntimeFault

if TYPE_CHECKING:
    from pynomaly_server.audit.chain import Head
    from pynomaly_server.audit.verification import Verdict, Verification
    from pynomaly_server.db.session import AsyncSessions
    from pynomaly_server.secret_keys.former import FormerKey
    from pynomaly_server.settings import Settings

Answer = TypeVar("Answer")


def register(commands: Any) -> None:
    """Add `audit` to `commands`, what `ArgumentParser.add_subparsers` returned."""
    what = "verify the audit logs of all tenants, and note where they end"
    parser = commands.add_parser("audit", help=what, description=f"{what.capitalize()}.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    verify = add_command(actions, "verify", _verify, "look for entries that were changed, removed or moved")
    verify.add_argument(
        "--heads", type=Path, metavar="FILE", help="what `audit head` printed before; shows what was cut off"
    )
    head = add_command(actions, "head", _head, "print the end of each log, to be kept in another place")
    for action in (verify, head):
        add_data_dir(action)


def _verify(arguments: argparse.Namespace) -> int:
    noted = {} if arguments.heads is None else _read_heads(arguments.heads)

    async def verified(verification: Verification) -> Sequence[Verdict]:
        return await verification.verify(noted)

    verdicts = _with_verification(arguments, verified)
    for verdict in verdicts:
        entries = "1 entry" if verdict.entries == 1 else f"{verdict.entries:,} entries"
        print(f"{verdict.tenant_id}  {entries}  {'NOT SOUND' if verdict.faults else 'sound'}")
        for fault in verdict.faults:
            print(f"    {fault}")
    if not verdicts:
        print("There are no entries yet.")
    return FAILED if any(verdict.faults for verdict in verdicts) else 0


def _head(arguments: argparse.Namespace) -> int:
    async def heads(verification: Verification) -> Sequence[Head]:
        return await verification.heads()

    for head in _with_verification(arguments, heads):
        print(f"{head.tenant_id} {head.seq} {head.hash}")
    return 0


def _read_heads(path: Path) -> dict[str, Head]:
    from pynomaly_server.audit.chain import Head

    try:
        lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
        heads = [Head(tenant_id, int(seq), digest) for tenant_id, seq, digest in lines]
    except (OSError, ValueError) as fault:
        raise RuntimeFault(
            f"{path} does not hold heads as `pynomaly audit head` prints them: {fault}."
        ) from None
    return {head.tenant_id: head for head in heads}


def _with_verification(
    arguments: argparse.Namespace, ask: Callable[[Verification], Awaitable[Answer]]
) -> Answer:
    """What `ask` gets from the logs of the server that the settings name."""
    from pynomaly_server.audit.chain import Chain, Head
    from pynomaly_server.audit.verification import FormerChain, Verification
    from pynomaly_server.secret_keys.former import FormerKeys

    def chain_of(former: FormerKey) -> FormerChain:
        noted = former.heads
        heads = None if noted is None else {tenant: Head(tenant, *noted[tenant]) for tenant in noted}
        return FormerChain(Chain(former.secret_key), heads)

    async def asked(sessions: AsyncSessions, settings: Settings, secret_key: str) -> Answer:
        former = await FormerKeys(sessions, secret_key, settings.former_secrets).all()
        return await ask(Verification(sessions, Chain(secret_key), [chain_of(each) for each in former]))

    return with_sessions(arguments, asked)
