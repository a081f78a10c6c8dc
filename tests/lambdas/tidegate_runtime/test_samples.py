"""Samples are read from plain values, and every fault is named with its place."""

from typing import Any

import pytest

from tidegate_runtime.expectations import Wanted
from tidegate_runtime.samples import Sample, SamplesInvalid, parse_samples

FILES = {"row.bin": b"\x00\x01"}


def read(name: str) -> bytes:
    if name not in FILES:
        raise FileNotFoundError(2, "No such file or directory", name)
    return FILES[name]


def parse(*samples: Any) -> tuple[Sample, ...]:
    return parse_samples({"samples": list(samples)}, read=read)


def faults(*samples: Any) -> dict[str, str]:
    with pytest.raises(SamplesInvalid) as caught:
        parse(*samples)
    return {".".join(map(str, place)): text for place, text in caught.value.faults}


def test_a_value_is_sent_as_json_a_text_as_it_is_and_a_file_as_its_bytes() -> None:
    found = parse({"body": {"rows": [1]}}, {"body": "1,2"}, {"file": "row.bin", "content_type": "a/b"})
    assert [(one.body, one.content_type) for one in found] == [
        (b'{"rows": [1]}', "application/json"),
        (b"1,2", "text/plain"),
        (b"\x00\x01", "a/b"),
    ]


def test_samples_without_a_name_are_numbered() -> None:
    assert [one.name for one in parse({"body": 1}, {"body": 2, "name": "two"})] == ["sample 1", "two"]


def test_every_expectation_is_read() -> None:
    expect = {
        "status": 400,
        "content_type": "text/csv",
        "schema": {"type": "array"},
        "equals": [1],
        "approx": [1.1],
        "tolerance": 0.2,
        "contains": "x",
        "latency_ms": 3,
    }
    (sample,) = parse({"body": 1, "accept": "text/csv", "expect": expect})
    found = sample.expect
    assert (sample.accept, found.status, found.content_type) == ("text/csv", 400, "text/csv")
    assert (found.schema, found.contains, found.latency_ms) == ({"type": "array"}, ("x",), 3)
    assert found.values == (Wanted(value=[1]), Wanted(value=[1.1], tolerance=0.2))


def test_equal_to_null_is_an_expectation_too() -> None:
    (sample,) = parse({"body": 1, "expect": {"equals": None}})
    assert sample.expect.values == (Wanted(value=None),)


@pytest.mark.parametrize("document", [{}, {"samples": []}])
def test_rejects_a_document_without_samples(document: Any) -> None:
    with pytest.raises(SamplesInvalid, match="samples: must be a list of at least one sample"):
        parse_samples(document, read=read)


@pytest.mark.parametrize(
    ("sample", "place", "text"),
    [
        ("x", "samples.0", "must be a mapping of name, body, file"),
        ({"body": 1, "bdy": 2}, "samples.0.bdy", "is not known, must be one of name, body"),
        ({}, "samples.0", "must have a body or a file, and not both"),
        ({"body": 1, "file": "row.bin"}, "samples.0.file", "must have a body or a file, and not both"),
        ({"file": "gone"}, "samples.0.file", "gone cannot be read: No such file or directory"),
        ({"file": 3}, "samples.0.file", "must be a text, got integer"),
        ({"body": float("nan")}, "samples.0.body", "cannot be written as JSON"),
        ({"body": 1, "name": 7}, "samples.0.name", "must be a text, got integer"),
        ({"body": 1, "expect": []}, "samples.0.expect", "must be a mapping of status"),
        ({"body": 1, "expect": {"status": 99}}, "samples.0.expect.status", "must be 100 to 599, got 99"),
        (
            {"body": 1, "expect": {"status": True}},
            "samples.0.expect.status",
            "must be a whole number, got boolean",
        ),
        ({"body": 1, "expect": {"schema": {"x": 1}}}, "samples.0.expect.schema", "schema.x is not known"),
        ({"body": 1, "expect": {"tolerance": 1}}, "samples.0.expect.tolerance", "belongs to approx"),
        ({"body": 1, "expect": {"contains": [1]}}, "samples.0.expect.contains", "must be a text or a list"),
        ({"body": 1, "expect": {"latency_ms": -1}}, "samples.0.expect.latency_ms", "must be at least 0"),
    ],
)
def test_rejects_a_sample_and_names_the_place(sample: Any, place: str, text: str) -> None:
    (found,) = faults(sample).items()
    assert found[0] == place
    assert found[1].startswith(text)


def test_rejects_two_samples_of_one_name() -> None:
    found = faults({"body": 1, "name": "a"}, {"body": 2, "name": "a"})
    assert found == {"samples.1.name": "must be unique, 'a' is used before"}


def test_several_faults_are_named_at_once() -> None:
    assert set(faults({"body": 1, "nam": 1}, {})) == {"samples.0.nam", "samples.1"}
