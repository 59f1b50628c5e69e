"""Lets a worker stop itself at a moment of its work, which one who looks from outside may miss."""

from __future__ import annotations

import os
import pkgutil
import signal
from functools import wraps
from typing import Any

from celery import signals


def stop_after(method: str, calls: int) -> None:
    """Have each process that works put itself to sleep (SIGSTOP) behind its so manieth call of `method`.

    Args:
        method: as `package.module:Class.method`; looked up in the process that works, once it has begun.
        calls: how many; it happens once.
    """

    def prepare(**_: Any) -> None:
        owner, _, name = method.rpartition(".")
        held = pkgutil.resolve_name(owner)
        original, left = getattr(held, name), [None] * calls

        @wraps(original)
        def stopping(*arguments: Any, **named: Any) -> Any:
            result = original(*arguments, **named)
            if left:
                left.pop()
                if not left:
                    os.kill(os.getpid(), signal.SIGSTOP)
            return result

        setattr(held, name, stopping)

    signals.worker_process_init.connect(prepare, weak=False)
