"""Tables fetched over HTTP: behind `https://` URLs, and in buckets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.transports import make_async_client
from pynomaly_server.outbound.urls import ForbiddenTargetError, Target, parse_target
from pynomaly_server.problems import ProblemError
from pynomaly_server.sources.fetching import Allotment, Fetched
from pynomaly_server.sources.media_types import media_type_of

RETRY_SECONDS: Final = (0.5, 2.0)
"""Pauses before the second and the third try, where the server does not answer or says it is busy."""
_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
# As it lies there: what is unpacked on the way would not be bounded by the bytes received.
_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "pynomaly-server"}


@dataclass(frozen=True, slots=True)
class Download:
    """One request for a table: `shown` names it in messages, `headers` may hold secrets.

    `remedy` is what to do where it is not answered with the table, `redirect_remedy` where it is with a
    redirect.
    """

    target: Target
    shown: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    remedy: str = "Check the URL and who may read it."
    redirect_remedy: str = "Name the URL it leads to."


def download_of(url: str) -> Download:
    """The request for a URL that anyone may read; raises `ForbiddenTargetError`."""
    target = parse_target(url)
    return Download(target, target.shown)


def fetch(download: Download, folder: Path, guard: Guard, allotment: Allotment) -> Fetched:
    """Fetch a table into `folder`; redirects are not followed.

    Raises:
        ProblemError: `forbidden-source`, `source-unavailable`, `payload-too-large` or `bad-dataset`; the
        message names the table as `download.shown` does.
    """
    try:
        return allotment.run(download.shown, _fetch(download, folder, guard, allotment))
    except ForbiddenTargetError as error:
        raise ProblemError("forbidden-source", str(error)) from None


class _BusyError(Exception):
    """It may go better in a moment; the message says what went wrong."""


async def _fetch(download: Download, folder: Path, guard: Guard, allotment: Allotment) -> Fetched:
    async with make_async_client(guard, _TIMEOUT) as client:
        for pause in RETRY_SECONDS:
            try:
                return await _fetch_once(client, download, folder, allotment)
            except _BusyError:
                await asyncio.sleep(pause)
        try:
            return await _fetch_once(client, download, folder, allotment)
        except _BusyError as busy:
            raise ProblemError(
                "source-unavailable", f"{download.shown} {busy} Submit the job again later."
            ) from None


async def _fetch_once(
    client: httpx.AsyncClient, download: Download, folder: Path, allotment: Allotment
) -> Fetched:
    shown, target = download.shown, download.target
    try:
        async with client.stream("GET", target.url, headers={**_HEADERS, **download.headers}) as response:
            _check_answer(response, download)
            media_type = media_type_of(shown, target.path, response.headers.get("Content-Type"))
            path = folder / "fetched"
            allotment.check_size(shown, _announced(response))
            await allotment.write(response.aiter_raw(), path, shown)
            return Fetched(shown, path, media_type)
    except httpx.TimeoutException:
        raise _BusyError("did not answer in time.") from None
    except httpx.TransportError as error:
        raise _BusyError(f"could not be read ({type(error).__name__}).") from None


def _check_answer(response: httpx.Response, download: Download) -> None:
    status, shown = response.status_code, download.shown
    if status in _BUSY:
        raise _BusyError(f"answered with status {status}.")
    if response.has_redirect_location:
        raise ProblemError(
            "source-unavailable",
            f"{shown} answered with a redirect (status {status}), and redirects are not followed. "
            + download.redirect_remedy,
        )
    if status != httpx.codes.OK:
        raise ProblemError(
            "source-unavailable",
            f"{shown} answered with status {status} instead of the table. {download.remedy}",
        )
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise ProblemError(
            "bad-dataset",
            f"{shown} was sent with the content encoding {encoding[:40]!r} though none was asked for. "
            "Serve it as it is.",
        )


def _announced(response: httpx.Response) -> int:
    said = response.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdecimal() else 0
