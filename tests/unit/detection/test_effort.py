"""A request that would hold a thread for minutes is refused before any of its work is done."""

import numpy as np
import pytest

from pynomaly_server.contract.structs import DetectionRequest, Windows
from pynomaly_server.detection.effort import check_effort
from pynomaly_server.detection.service import DetectionService
from pynomaly_server.detection.workload import Workload
from pynomaly_server.detectors.errors import InvalidParameter
from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.reading import TableLimits

LIMITS = TableLimits(
    max_rows=100_000, max_columns=2_000, max_cells=10**8, max_field_bytes=1000, max_expanded_bytes=10**9
)
HEAVY = {"n_subsamples": 100, "subsample_size": 8192}


def asked(**options):
    return DetectionRequest(data=[[1.0], [2.0]], **options)


async def free(rows):
    """Charges nothing."""


async def test_the_refusal_names_the_work_the_limit_and_the_batch_operation():
    service = DetectionService(Workload(cores=1), LIMITS, most_seconds=2)
    table = np.random.default_rng(0).normal(size=(9_000, 20)).tolist()
    request = DetectionRequest(data=table, algorithm="ocsvm", parameters=HEAVY)
    with pytest.raises(ProblemError) as refused:
        await service.detect_rows(request, free)
    assert refused.value.code == "payload-too-large"
    assert refused.value.detail.startswith(
        "one_class_svm on 9,000 rows of 20 columns, with these parameters,"
    )
    assert "a request may take 2 seconds (PYNOMALY_DETECT_MAX_SECONDS)" in refused.value.detail
    assert "Upload the data with uploadDataset (POST /api/v1/datasets) and submit it with batchDetect" in (
        refused.value.detail
    )


def test_work_within_the_limit_goes_on():
    check_effort(asked(algorithm="ocsvm", parameters=HEAVY), 1_000, 20, 60, "")
    check_effort(asked(algorithm="isolation_forest"), 10_000, 1_000, 60, "")


def test_only_the_columns_asked_for_count():
    options = {"algorithm": "mcd"}
    with pytest.raises(ProblemError):
        check_effort(asked(**options), 10_000, 1_000, 60, "")
    check_effort(asked(**options, features=["a", "b"]), 10_000, 1_000, 60, "")


def test_windows_make_columns_of_rows():
    options = {"algorithm": "mcd"}
    check_effort(asked(**options), 10_000, 20, 60, "")
    with pytest.raises(ProblemError):
        check_effort(asked(**options, windows=Windows(length=50)), 10_000, 20, 60, "")
    check_effort(asked(**options, windows=Windows(length=50, stride=50)), 10_000, 20, 60, "")


def test_an_ensemble_is_the_sum_of_its_members():
    with pytest.raises(ProblemError, match="ensemble on 10,000 rows"):
        check_effort(asked(ensemble_methods=["iforest", "mcd"]), 10_000, 1_000, 60, "")


def test_a_parameter_that_is_wrong_is_said_to_be_wrong():
    with pytest.raises(InvalidParameter):
        check_effort(asked(algorithm="knn", parameters={"n_neighbors": 0}), 10, 2, 60, "")


@pytest.mark.parametrize(("limit", "said"), [(60, "60 seconds"), (150, "2 minutes"), (9_000, "2 hours")])
def test_times_are_told_in_units_people_use(limit, said):
    with pytest.raises(ProblemError, match=f"a request may take {said}"):
        check_effort(asked(algorithm="kde", parameters={"max_samples": 10**6}), 10**6, 100, limit, "")
