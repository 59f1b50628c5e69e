# ruff: noqa: E501 - one case a line, with its whole sentence
import json

import pytest

from pynomaly_server.tabular import json_text
from pynomaly_server.tabular.errors import BadTable, TableTooLarge
from pynomaly_server.tabular.reading import read_table

from .tables import JSON, LIMITS, NDJSON  # noqa: TID252 - the file beside this one


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        (NDJSON, b'{"a":1,"b":"x"}\n\n{"b":"y","a":2}\n'),
        (NDJSON, b'{"a":1,"b":"x"}\r\n{"b":"y","a":2}'),
        (NDJSON, b'\xef\xbb\xbf{"a":1,"b":"x"}\n{"b":"y","a":2}'),
        (JSON, b' [ {"a":1,"b":"x"} , {"b":"y","a":2} ] '),
        (JSON, b'\xef\xbb\xbf[{"a":1,"b":"x"},{"b":"y","a":2}]'),
    ],
)
def test_rows_are_objects_by_column_name(media_type, text):
    assert read_table(text, media_type, LIMITS).to_dict(as_series=False) == {"a": [1, 2], "b": ["x", "y"]}


@pytest.mark.parametrize(("media_type", "text"), [(NDJSON, b"[1,2]\n[3,null]"), (JSON, b"[[1,2],[3,null]]")])
def test_rows_may_be_arrays(media_type, text):
    assert read_table(text, media_type, LIMITS).rows() == [(1, 2), (3, None)]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("media_type", [NDJSON, JSON])
def test_where_the_text_is_cut_into_pieces_does_not_matter(media_type, piece, monkeypatch):
    monkeypatch.setattr(json_text, "_PIECE_BYTES", piece)
    rows = [{"name": "Zoë ☃", "value": 1.5e-3, "ok": True}, {"name": 'a "b" ]}', "value": -12, "ok": None}]
    text = json.dumps(rows, ensure_ascii=False) if media_type == JSON else "\n".join(map(_line, rows))
    frame = read_table(text.encode(), media_type, LIMITS)
    assert frame.to_dicts() == rows


def _line(row):
    return json.dumps(row, ensure_ascii=False)


@pytest.mark.parametrize(
    ("media_type", "text", "sentence"),
    [
        (NDJSON, b'{"a":1}\n{"a":}\n', "Line 2 is not valid JSON. Write one array or object per line."),
        (NDJSON, b'{"a":1}\n\n3\n', 'The row in line 3 is neither an array nor an object. Send rows as [1, 2] or {"a": 1, "b": 2}.'),
        (NDJSON, b'{"a":NaN}', "Line 1 holds NaN, which is no JSON; write null for a missing value."),
        (NDJSON, b'{"a":1,"a":2}', "Line 1 has the key 'a' twice; give each column a name of its own."),
        (NDJSON, b'{"a":"\xff"}', "Line 1 is not UTF-8 text. Save the file as UTF-8."),
        (NDJSON, b"[" * 100_000, "Line 1 is not valid JSON. Write one array or object per line."),
        (NDJSON, b'{"a":' + b"9" * 5000 + b"}", "Line 1 is not valid JSON. Write one array or object per line."),
        (NDJSON, b"\n\n", "The table has no rows of data. Send at least one row."),
        (JSON, b'{"a":1}', "The JSON is not an array of rows. Send [row, row, …], each row an array or an object."),
        (JSON, b"[]", "The table has no rows of data. Send at least one row."),
        (JSON, b"[1,2]", 'The row in row 1 (counting from 1) is neither an array nor an object. Send rows as [1, 2] or {"a": 1, "b": 2}.'),
        (JSON, b'[{"a":1},{"a"', "The JSON is malformed or breaks off in row 2 (counting from 1). Send a whole array."),
        (JSON, b'[{"a":1}', "The JSON breaks off or is malformed after row 1 (counting from 1). Close the array with ]."),
        (JSON, b'[{"a":1} {"a":2}]', "The JSON breaks off or is malformed after row 1 (counting from 1). Close the array with ]."),
        (JSON, b"[[1]] [[2]]", "There is more text after the JSON array of rows. Send one array alone."),
        (JSON, b"[[Infinity]]", "Row 1 (counting from 1) holds Infinity, which is no JSON; write null for a missing value."),
        (JSON, b"[[1e999]]", "Column 'x0' is infinite in row 1 (counting from 1). Leave the value empty, or leave the row out."),
        (JSON, b"[" * 100_000, "Row 1 (counting from 1) is nested too deeply. Send flat rows."),
        (JSON, b'[{"a":"\xff"}]', "The JSON is not UTF-8 text. Save the file as UTF-8."),
    ],
)  # fmt: skip
def test_bad_json_is_refused_with_its_place_and_the_remedy(media_type, text, sentence):
    with pytest.raises(BadTable) as refused:
        read_table(text, media_type, LIMITS)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(("media_type", "text"), [(NDJSON, b'{"a":"'), (JSON, b'[{"a":"')])
def test_fifty_megabytes_in_one_row_are_refused_before_they_are_held(media_type, text):
    with pytest.raises(TableTooLarge, match="at most 16,777,216 are taken"):
        read_table(text + b"x" * 50_000_000, media_type, LIMITS)
