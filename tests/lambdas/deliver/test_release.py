"""The released revision is marked, once."""

import json
from io import BytesIO
from zipfile import ZipFile

from deliver.outcome import Done
from deliver.release import NAME, release
from deliver.request import Request

COMMIT = "7793344c0ffee7793344c0ffee7793344c0ffee0"


class Object:
    """An object of S3 in memory."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.writes = 0

    def read(self) -> bytes | None:
        return self.content

    def write(self, content: bytes) -> None:
        self.content = content
        self.writes += 1


def asked(commit: str) -> Request:
    return Request(job_id="j", do="release", parameters={"commit": commit, "execution": "e1"})


def test_the_marker_says_which_commit_was_released_by_which_execution() -> None:
    marker = Object()
    outcome = release(asked(COMMIT), marker=marker)
    assert outcome == Done(summary="7793344c0ffe is the released revision", variables={"Commit": COMMIT})
    assert marker.content is not None
    document = json.loads(ZipFile(BytesIO(marker.content)).read(NAME))
    assert document == {"commit": COMMIT, "pipeline_execution": "e1"}


def test_a_second_call_writes_nothing_and_another_commit_replaces_the_marker() -> None:
    marker = Object()
    release(asked(COMMIT), marker=marker)
    release(asked(COMMIT), marker=marker)
    assert marker.writes == 1
    release(asked("b" * 40), marker=marker)
    assert marker.writes == 2
