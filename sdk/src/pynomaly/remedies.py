"""What to do about an error, said to both who meet it: the author of a Python program, who has arguments and
methods, and the person at a shell, who has options, variables and the commands of `pynomaly`."""

from __future__ import annotations

from dataclasses import dataclass

_SETTINGS = "`--base-url`, PYNOMALY_BASE_URL or `pynomaly config set base_url`"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One remedy in the words of each.

    Attributes:
        python: For a Python program; the error's text ends in it.
        shell: For the command line.
    """

    python: str
    shell: str


CHECK_KEY = Remedy(
    "Check the key in api_key=, PYNOMALY_API_KEY or the local profile, or log in anew.",
    "Check the key in PYNOMALY_API_KEY or the local profile, or log in anew with `pynomaly login`.",
)
CHECK_SERVER = Remedy(
    "Check that base_url is the address of a Pynomaly server.",
    f"Check that the address in {_SETTINGS} is that of a Pynomaly server.",
)
CHECK_BETWEEN = Remedy(
    "Check that base_url is the address of a Pynomaly server with nothing in between that rewrites answers.",
    f"Check that the address in {_SETTINGS} is that of a Pynomaly server, with nothing in between that "
    "rewrites answers.",
)
CHECK_REACHABLE = Remedy(
    "Check base_url and that the server is reachable from here.",
    f"Check the address in {_SETTINGS}, and that the server is reachable from here.",
)
CHECK_RUNNING = Remedy(
    "Check base_url and that the server runs (`pynomaly serve` starts one on this machine).",
    f"Check the address in {_SETTINGS}, and that the server runs (`pynomaly serve` starts one on this "
    "machine).",
)
ANOTHER_PROGRAM = Remedy(
    "Something between this client and the Pynomaly server answered, or base_url points to another program.",
    "Something between this client and the Pynomaly server answered, or the address in "
    f"{_SETTINGS} is another program's.",
)
FINAL_ADDRESS = Remedy(
    "Redirects are not followed, so that the key goes nowhere else; set base_url to the final address.",
    "Redirects are not followed, so that the key goes nowhere else; give the final address with "
    f"{_SETTINGS}.",
)
ADDRESS_LIKE = Remedy(
    "Give it like https://pynomaly.example.com",
    f"Give it like https://pynomaly.example.com with {_SETTINGS}.",
)
NO_CREDENTIALS_IN_ADDRESS = Remedy(
    "Pass the key as api_key=, and the address like https://pynomaly.example.com",
    "Give the key in PYNOMALY_API_KEY or with `pynomaly config set api_key`, and the address like "
    f"https://pynomaly.example.com with {_SETTINGS}.",
)
READABLE_PROFILE = Remedy(
    "Make it readable for you, or pass api_key= and base_url=.",
    "Make it readable for you, or set PYNOMALY_API_KEY and PYNOMALY_BASE_URL.",
)
AS_A_JOB = Remedy(
    "Submit the data with client.batch_detect() instead.",
    "Submit the data with `pynomaly batch run` instead.",
)
SLOW_DOWN = Remedy(
    "Slow down, or give the call a longer timeout so that it can wait.",
    "Slow down, or give a longer `--timeout` so that the command can wait.",
)
OTHER_KEY = Remedy(
    "Use a key that has the scope.",
    "Use a key that has the scope; `pynomaly config` says which is used.",
)
REPORT = Remedy(
    "Report the request id to whoever runs the server.", "Report the request id to whoever runs the server."
)
LATER = Remedy("Try again later.", "Try again later.")
LONGER = Remedy("Give the call a longer timeout=.", "Give a longer `--timeout`.")
LONGER_OR_LOOK = Remedy(
    "Give the call a longer timeout=, or see how busy it is.",
    "Give a longer `--timeout`, or see with `pynomaly health` how the server does.",
)
MEANWHILE = Remedy("Set fallback= for an answer meanwhile.", "Try again then.")
PATH_OR_ROWS = Remedy(
    "A string is taken as the path of a file; pass rows as a list.",
    "Check the name and the folder.",
)
ONE_FILE = Remedy("Pass the path of one file.", "Name one file.")
CONTENT_OR_SUFFIX = Remedy(
    "For another name pass pynomaly.Content(media_type, path).",
    "Rename the file so that its name ends in one of them.",
)
INSTALL_PYARROW = Remedy("Install it (pip install pyarrow).", "Install it (pip install pyarrow).")
INSTALL_OR_CSV = Remedy(
    "Install them (pip install polars fastexcel), or save the sheet as CSV.",
    "Install them (pip install polars fastexcel), or save the sheet as CSV.",
)
SAVE_ANEW = Remedy("Save it anew, or as CSV.", "Save it anew, or as CSV.")
STREAM_FORMAT = Remedy(
    "Load it with polars or pyarrow and pass the table, or save it as Parquet.",
    "Save it as Parquet.",
)
TOKEN_OR_ID = Remedy(
    "Give what JobHandle.to_token() returned, or a job id.",
    "Give a job's id; `pynomaly batch list` shows them.",
)
GO_ON_BEHIND = Remedy(
    "Go on with events(last_event_id=) and the id of the last event, or call wait().",
    "Follow it with `pynomaly batch show`.",
)
CLIENT_OF_THAT_SERVER = Remedy(
    "Make a client with that base_url.",
    "Give that address with `--base-url`.",
)


def give_key(profile: str) -> Remedy:
    """Where no credential is found; `profile` is the path of the file that may keep one."""
    serve = f"`pynomaly serve` on this machine, which writes {profile}."
    return Remedy(
        "Give one in one of four ways: PynomalyClient(api_key=...), the environment variable "
        f"PYNOMALY_API_KEY, `pynomaly login` for a user, or {serve}",
        "Give one in one of four ways: the environment variable PYNOMALY_API_KEY, `pynomaly config set "
        f"api_key`, `pynomaly login USERNAME` for a user, or {serve}",
    )


def take_up_later(job_id: str) -> Remedy:
    """Where a wait for a job was too short."""
    return Remedy(
        "Call wait() again, or keep to_token() and take it up later with client.jobs.resume(token).",
        f"`pynomaly batch show {job_id}` says how far it is, and `pynomaly batch download {job_id} FILE` "
        "writes its result.",
    )


def result_format(names: str, suffixes: str) -> Remedy:
    """Where a result cannot be downloaded in the format that was asked for."""
    return Remedy(
        f"Take format= {names}, or a file that ends in {suffixes}.",
        f"Name a file that ends in {suffixes}.",
    )
