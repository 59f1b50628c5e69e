"""Options of one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What one call does differently from its client.

    Attributes:
        timeout: Seconds for the whole call, attempts and waits included; the client's, or the operation's
            own default, where None. `math.inf` for no limit.
        max_retries: Further attempts after the first.
        headers: Further headers; never shown in `repr`.
        idempotency_key: Key of an operation that takes one; generated where None.
    """

    timeout: float | None = None
    max_retries: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    idempotency_key: str | None = None

    def over(self, base: CallOptions) -> CallOptions:
        """These options where they say something, `base` where they do not."""
        return CallOptions(
            timeout=base.timeout if self.timeout is None else self.timeout,
            max_retries=base.max_retries if self.max_retries is None else self.max_retries,
            headers={**base.headers, **self.headers},
            idempotency_key=self.idempotency_key or base.idempotency_key,
        )
