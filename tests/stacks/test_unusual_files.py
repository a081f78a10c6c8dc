"""Files as a new user may write them: each is read as it is meant, or refused with one clear line."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from stacks.service_files import load_folder
from stacks.yaml_source import BadFiles
from tests.stacks.conftest import EXAMPLES

SERVICE: Final = (EXAMPLES / "serverless.yaml").read_text()
ENVIRONMENTS: Final = (EXAMPLES / "environments.yaml").read_text()
Faults = Callable[[str, str | bytes], list[str]]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """Write one of two files, and return what is told of the folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "services"
    folder.mkdir()

    def find(name: str, content: str | bytes) -> list[str]:
        files = {"serverless.yaml": SERVICE, "environments.yaml": ENVIRONMENTS} | {name: content}
        for one, text in files.items():
            (folder / one).write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            load_folder(folder)
        except BadFiles as bad:
            return list(bad.faults)
        return []

    return find


@pytest.mark.parametrize("name", ["serverless.yaml", "environments.yaml"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ":1: must be a mapping of fields, got nothing"),
        ("# only a comment\n", ":1: must be a mapping of fields, got nothing"),
        ("- a\n- b\n", ":1: must be a mapping of fields, got a list"),
        ("hello\n", ":1: must be a mapping of fields, got 'hello'"),
        ("a:\n\tb: 1\n", ":2: not valid YAML: found character '\\t' that cannot start any token"),
        ("a: 1\n---\nb: 1\n", ":2: not valid YAML: but found another document"),
        ("a: {b: 1}\na: {b: 2}\n", ':2: not valid YAML: found duplicate key "a"'),
        ("a: *b\n", ":1: not valid YAML: found undefined alias 'b'"),
        ("a: [\n", ":2: not valid YAML: "),
        ("[" * 3000, ": not valid YAML: maximum recursion depth exceeded"),
        ("# a\n# \u00fc\n".encode("latin-1"), ":2: must be text in UTF-8"),
        ("a: 1\n".encode("utf-16"), ":1: must be text in UTF-8"),
    ],
)
def test_rejects_what_is_no_file_of_fields_with_one_line_and_no_other(
    told: Faults, name: str, content: str | bytes, message: str
) -> None:
    (fault,) = told(name, content)
    assert fault.startswith(f"services/{name}{message}")


@pytest.mark.parametrize("name", ["serverless.yaml", "environments.yaml"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "---\n" + text,
    ],
    ids=["byte-order-mark", "carriage-returns", "document-start"],
)
def test_what_other_systems_editors_write_is_read(
    told: Faults, name: str, change: Callable[[str], str]
) -> None:
    text = ENVIRONMENTS if name.startswith("env") else SERVICE
    assert told(name, change(text)) == []


def test_anchors_and_merged_keys_are_read(told: Faults) -> None:
    more = "one: &one\n  account: '111122223333'\n  region: eu-west-1\n  deploy_with: bootstrap-roles\n"
    assert told("environments.yaml", f"{ENVIRONMENTS}{more}two:\n  <<: *one\n  region: us-east-1\n") == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("serverless:\n", "serverles:\n", "serverles: unknown field; did you mean 'serverless'?"),
        ("service: ", "servce: ", "servce: unknown field; did you mean 'service'?"),
        ("service: serverless", "service: 2026-01-01", "service: must be text, got 2026-01-01"),
        (
            "memory_mb: 2048",
            "memory_mb: !mb 2048",
            "serverless.memory_mb: must be a whole number, got !mb 2048",
        ),
        ("memory_mb: 2048", "memory_mb:", "serverless.memory_mb: must be a whole number, got nothing"),
        ("service: ", "1: x\nservice: ", "[1]: is no field: the names of fields are text, got 1"),
        (
            "service: ",
            "[a, b]: x\nservice: ",
            "('a', 'b'): is no field: the names of fields are text, got a list",
        ),
    ],
)
def test_rejects_a_slip_in_a_service_with_one_line_and_no_other(
    told: Faults, before: str, after: str, message: str
) -> None:
    assert before in SERVICE, before
    (fault,) = told("serverless.yaml", SERVICE.replace(before, after, 1))
    assert fault.partition(": ")[2] == message


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("other:\n", "other: must be a mapping of fields, got nothing"),
        ("other: here\n", "other: must be a mapping of fields, got 'here'"),
        ("delivery:\n", "delivery: must be a mapping of fields, got nothing"),
        ("delivry: {name: a}\n", "delivry: is no environment; did you mean the section 'delivery'?"),
        (
            "Prod_EU: {account: '111122223333', region: eu-west-1, deploy_with: bootstrap-roles}\n",
            "Prod_EU: must be lower-case letters, digits and single inner hyphens, at most 24 characters",
        ),
    ],
)
def test_rejects_a_slip_in_the_environments_with_one_line_and_no_other(
    told: Faults, more: str, message: str
) -> None:
    (fault,) = told("environments.yaml", ENVIRONMENTS + more)
    assert fault.partition(": ")[2] == message


def test_rejects_a_file_of_environments_without_any(told: Faults) -> None:
    found = told("environments.yaml", "people: {name: a, environments: [production]}\n")
    assert found == ["services/environments.yaml:1: must have an environment"]


def test_rejects_a_service_whose_ending_would_leave_it_out(told: Faults) -> None:
    found = told("other.yml", SERVICE)
    assert found == ["services/other.yml: must end in .yaml, or it is not read"]


def test_rejects_numbers_that_are_not_finite(told: Faults) -> None:
    found = told(
        "serverless.yaml", SERVICE.replace("payload_mb: 2", "payload_mb: .inf, processing_seconds: .nan")
    )
    assert [fault.partition(": ")[2] for fault in found] == [
        "needs.payload_mb: must be a finite number, got inf",
        "needs.processing_seconds: must be a finite number, got nan",
    ]


def test_rejects_a_folder_in_place_of_a_file(told: Faults, tmp_path: Path) -> None:
    (tmp_path / "services" / "other.yaml").mkdir()
    assert told("serverless.yaml", SERVICE) == ["services/other.yaml: cannot be read: Is a directory"]
