"""Models of the fake server: versions made by training jobs, aliases, and scoring by either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pynomaly._generated.models import DetectionRequest, DetectionResult
from pynomaly.testing.aliases import Alias, Target
from pynomaly.testing.clock import VirtualClock
from pynomaly.testing.contract import Asked
from pynomaly.testing.detection import Columns, check_size, options_of, read_columns
from pynomaly.testing.jobs import FakeJob, Jobs
from pynomaly.testing.problems import Refusal
from pynomaly.testing.replies import CALLER, Ids, Reply, Work, page
from pynomaly.testing.training import Trained

Scorer = Callable[[Columns], DetectionResult]

_LATEST = "latest"
_OF_THE_FIT = (
    "algorithm",
    "parameters",
    "ensemble_methods",
    "contamination",
    "features",
    "column_types",
    "timestamp_column",
    "series_column",
    "windows",
    "random_state",
)
_OF_A_SUMMARY = ("version", "algorithm", "contamination", "metrics", "aliases", "artefact")
_OF_THE_JOB = ("job_id", "created_at", "created_by")


@dataclass(frozen=True, slots=True)
class _Version:
    number: int
    trained: Trained
    job_id: str
    created_at: str


@dataclass
class _Model:
    model_id: str
    name: str
    created_at: str
    last_version: int = 0
    versions: dict[int, _Version] = field(default_factory=dict[int, _Version])
    aliases: dict[str, Alias] = field(default_factory=dict[str, Alias])

    def document(self) -> dict[str, Any]:
        return {
            "model_id": self.model_id,
            "name": self.name,
            "latest_version": max(self.versions, default=None),
            "aliases": [self.aliases[name].document() for name in sorted(self.aliases)],
            "created_at": self.created_at,
        }

    def described(self, version: _Version) -> dict[str, Any]:
        pointing = sorted(
            alias.name for alias in self.aliases.values() if alias.target.version == version.number
        )
        return {
            "model_id": self.model_id,
            "name": self.name,
            "version": version.number,
            **version.trained.described,
            "aliases": pointing,
            "job_id": version.job_id,
            "created_at": version.created_at,
            "created_by": CALLER,
        }

    def summary(self, version: _Version) -> dict[str, Any]:
        whole = self.described(version)
        return {
            **{name: whole[name] for name in (*_OF_A_SUMMARY, *_OF_THE_JOB)},
            "n_rows": whole["data"]["n_rows"],
        }

    def version(self, number: int) -> _Version:
        if number not in self.versions:
            raise Refusal(
                "not-found",
                f"The model {self.name} has no version {number}. listModelVersions shows those it has.",
            )
        return self.versions[number]

    def alias(self, name: str) -> Alias:
        if name not in self.aliases:
            raise Refusal(
                "not-found", f"The model {self.name} has no alias {name}. getModel shows those it has."
            )
        return self.aliases[name]


class Models:
    """Every model that is not deleted.

    Args:
        clock: Says when something was done.
        ids: Gives out ids.
        jobs: The jobs that make versions.
        max_rows: Most rows of one request.
    """

    def __init__(self, clock: VirtualClock, ids: Ids, jobs: Jobs, max_rows: int) -> None:
        self._clock = clock
        self._ids = ids
        self._jobs = jobs
        self._max_rows = max_rows
        self._models: dict[str, _Model] = {}

    @property
    def operations(self) -> Mapping[str, Work]:
        """What it does, by `operationId`."""
        own: dict[str, Work] = {
            "listModels": self._list,
            "getModel": lambda asked: Reply(self._asked(asked).document()),
            "deleteModel": self._delete,
            "listModelVersions": self._list_versions,
            "getModelVersion": self._get_version,
            "deleteModelVersion": self._delete_version,
            "getModelAlias": lambda asked: Reply(self._alias(asked).history()),
            "setModelAlias": self._set_alias,
            "rollbackModelAlias": self._roll_back,
            "deleteModelAlias": self._delete_alias,
            "predictWithModel": lambda asked: self._score(asked, asked.parameters["name"]),
        }
        return {name: self._after_jobs(work) for name, work in own.items()}

    def record(self, name: str, trained: Trained, job: FakeJob) -> dict[str, Any]:
        """Keep the next version of a model, which is made where there is none; returns what its job says."""
        at = self._clock.moment(job.ends).isoformat()
        model = self._models.get(name)
        if model is None:
            model = self._models[name] = _Model(self._ids("mdl"), name, at)
        model.last_version += 1
        model.versions[model.last_version] = _Version(model.last_version, trained, job.job_id, at)
        return {"model_id": model.model_id, "name": name, "version": model.last_version}

    def detect(self, asked: Asked, given: Mapping[str, Any]) -> Reply:
        """Answer a detection that names a model.

        Raises:
            Refusal: `not-found`, `bad-dataset`, `payload-too-large`, or `validation` where it says how to fit
                one besides.
        """
        self._check(given, "?" if asked.body is None else "/")
        self._jobs.now()
        return self._score(asked, str(given["model_id"]))

    def batch(self, given: Mapping[str, Any]) -> Scorer:
        """What scores the rows of a job that names a model: the version that is meant now.

        Raises:
            Refusal: `not-found`, or `validation` where it says how to fit one besides.
        """
        self._check(given, "/")
        self._jobs.now()
        return self._scorer(given, str(given["model_id"]))

    def _check(self, given: Mapping[str, Any], prefix: str) -> None:
        faults = [
            (
                f"{prefix}{name}",
                "is a matter of the model's training; leave it out, or leave model_id out",
            )
            for name in _OF_THE_FIT
            if name in given and given[name] != DetectionRequest.model_fields[name].default
        ]
        if faults:
            listed = "; ".join(f"{pointer} {detail}" for pointer, detail in faults)
            raise Refusal("validation", f"The request does not fit the contract: {listed}.", faults)

    def _after_jobs(self, work: Work) -> Work:
        def answer(asked: Asked) -> Reply:
            self._jobs.now()
            return work(asked)

        return answer

    def _now(self) -> str:
        return self._clock.moment(self._clock.monotonic()).isoformat()

    def _found(self, name: str) -> _Model:
        for model in self._models.values():
            if name in (model.name, model.model_id):
                return model
        raise Refusal("not-found", f"There is no model {name}. Train it with trainModel first.")

    def _asked(self, asked: Asked) -> _Model:
        return self._found(asked.parameters["name"])

    def _alias(self, asked: Asked) -> Alias:
        return self._asked(asked).alias(asked.parameters["alias"])

    def _list(self, asked: Asked) -> Reply:
        return Reply(page([model.document() for model in reversed(self._models.values())], asked))

    def _list_versions(self, asked: Asked) -> Reply:
        model = self._asked(asked)
        newest = sorted(model.versions.values(), key=lambda version: -version.number)
        return Reply(page([model.summary(version) for version in newest], asked))

    def _get_version(self, asked: Asked) -> Reply:
        model = self._asked(asked)
        return Reply(model.described(model.version(asked.parameters["version"])))

    def _delete(self, asked: Asked) -> Reply:
        model = self._asked(asked)
        _refuse_use(sorted(model.aliases), f"The model {model.name}")
        _refuse_jobs(self._jobs.scoring_with(model.model_id), f"The model {model.name}")
        del self._models[model.name]
        return Reply()

    def _delete_version(self, asked: Asked) -> Reply:
        model = self._asked(asked)
        number = model.version(asked.parameters["version"]).number
        using = sorted(alias.name for alias in model.aliases.values() if number in alias.target.versions)
        _refuse_use(using, f"Version {number} of the model {model.name}")
        jobs = self._jobs.scoring_with(model.model_id, number)
        _refuse_jobs(jobs, f"Version {number} of the model {model.name}")
        del model.versions[number]
        return Reply()

    def _set_alias(self, asked: Asked) -> Reply:
        name = asked.parameters["alias"]
        if name == _LATEST:
            detail = f"cannot be {_LATEST!r}: the model's bare name means its newest version"
            raise Refusal("validation", f"The alias {detail}.", [("alias", detail)])
        target = Target.asked(asked.body)
        model = self._asked(asked)
        for number in target.versions:
            model.version(number)
        alias = model.aliases.setdefault(name, Alias(name))
        alias.point(target, self._now())
        return Reply(alias.document())

    def _roll_back(self, asked: Asked) -> Reply:
        model, alias = self._asked(asked), self._alias(asked)
        if not alias.roll_back(model.versions, self._now()):
            raise Refusal(
                "conflict",
                f"There is no version that the alias {alias.name} of the model {model.name} could go back "
                f"to: it has pointed at no other before version {alias.target.version}, or those have been "
                "deleted. Point it at a version with setModelAlias.",
            )
        return Reply(alias.document())

    def _delete_alias(self, asked: Asked) -> Reply:
        del self._asked(asked).aliases[self._alias(asked).name]
        return Reply()

    def _score(self, asked: Asked, reference: str) -> Reply:
        columns = read_columns(asked.content, asked.media_type)
        check_size(columns, self._max_rows)
        return Reply(self._scorer(options_of(asked), reference, asked.content)(columns))

    def _scorer(self, given: Mapping[str, Any], reference: str, content: bytes | None = None) -> Scorer:
        """What scores rows; `content` is what an alias tells requests apart by that it shares out."""
        name, _, which = reference.partition("@")
        model = self._found(name)
        alias, threshold = None, None
        if not which or which == _LATEST:
            number = max(model.versions, default=None)
            if number is None:
                detail = f"The model {model.name} has no version any more. Train it again."
                raise Refusal("not-found", detail)
        elif which.isdigit():
            number = int(which)
        else:
            target = model.alias(which).target
            alias, threshold = which, target.threshold
            number = (
                target.version if content is None else target.scoring(f"{model.model_id}@{alias}", content)
            )
        version = model.version(number)
        scored_by = {"model_id": model.model_id, "name": model.name, "version": number, "alias": alias}
        return lambda columns: version.trained.score(columns, given, threshold, model=scored_by)


def _refuse_use(aliases: Sequence[str], what: str) -> None:
    if aliases:
        one = len(aliases) == 1
        raise Refusal(
            "conflict",
            f"{what} is in use: the alias{'' if one else 'es'} {', '.join(aliases)} "
            f"point{'s' if one else ''} at it. Point {'it' if one else 'them'} elsewhere with setModelAlias, "
            f"or delete {'it' if one else 'them'}, and try again.",
        )


def _refuse_jobs(jobs: Sequence[str], what: str) -> None:
    if jobs:
        one = len(jobs) == 1
        said = f"the job {jobs[0]} has" if one else f"the jobs {', '.join(jobs)} have"
        raise Refusal(
            "conflict",
            f"{what} is in use: {said} not ended and score{'s' if one else ''} with it. "
            f"Wait for {'its' if one else 'their'} end or cancel {'it' if one else 'them'} with cancelJob, "
            "and try again.",
        )
