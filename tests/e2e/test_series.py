"""Time series over HTTP: what a detection and a job say of them."""

import pytest

LOADS = [900.0 if hour == 150 else 10.0 + hour % 24 for hour in range(240)]
ROWS = [
    {"at": f"2025-01-{1 + hour // 24:02}T{hour % 24:02}:00:00Z", "load": load}
    for hour, load in enumerate(LOADS)
]


@pytest.mark.parametrize(
    ("windows", "chosen"),
    [
        (None, "auto chose series_ensemble because the rows are time series and no `windows` were asked for"),
        ({"length": 12}, "auto chose ensemble because the data has 229 rows of 18 columns"),
    ],
)
def test_auto_says_what_it_chose_for_a_series_with_and_without_windows(client, windows, chosen):
    found = client.detect_anomalies(ROWS, algorithm="auto", timestamp_column="at", windows=windows)
    (said,) = [warning.detail for warning in found.warnings if warning.code == "auto-chosen"]
    assert said.startswith(chosen)


def test_a_job_on_a_series_expects_of_every_row_what_a_detection_does(client):
    options = {"algorithm": "spectral_residual", "timestamp_column": "at", "contamination": 0.01}
    found = client.detect_anomalies(ROWS, **options)
    job = client.batch_detect(data_sources=[ROWS], **options)
    job.wait(timeout=120)
    rows = list(job.iter_results())
    assert [row.series.expected for row in rows] == found.series.expected
    assert [(row.series.lower, row.series.upper) for row in rows] == list(
        zip(found.series.lower, found.series.upper, strict=True)
    )
    spike = rows[150]
    assert spike.prediction == 1
    assert spike.series.feature == "load"
    assert spike.series.lower <= spike.series.expected <= spike.series.upper < 900
    assert job.result().series.expected == found.series.expected
