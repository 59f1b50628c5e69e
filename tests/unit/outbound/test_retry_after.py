"""How long a receiver asks to wait."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.outbound.retry_after import seconds_to_wait

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
# Hypothesis wants bounds without a zone.
EARLIEST, LATEST = (datetime(year, 1, 2, tzinfo=UTC).replace(tzinfo=None) for year in (1970, 9998))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Fri, 01 May 2026 12:01:00 GMT", 60.0),
        ("Fri, 01 May 2026 12:01:00 -0000", 60.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_seconds_and_dates_are_read_and_nothing_else(value, seconds):
    assert seconds_to_wait(value, now=NOW.timestamp()) == seconds


@given(st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)))
def test_a_date_is_as_far_away_as_it_says(moment):
    moment = moment.replace(microsecond=0)
    waited = seconds_to_wait(format_datetime(moment, usegmt=True), now=NOW.timestamp())
    assert waited == max(0.0, moment.timestamp() - NOW.timestamp())


@given(st.text() | st.text("0123456789 :,GMTFriMay+-", max_size=40))
def test_whatever_is_sent_is_a_bounded_time_or_nothing(value):
    waited = seconds_to_wait(value, now=NOW.timestamp())
    assert waited is None or 0 <= waited < 1e12
