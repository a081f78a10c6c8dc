"""A local cloud in a process of its own, and clients that call it as somebody who may do everything."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import boto3

ROOT: Final = Path(__file__).parents[2]
Client = Callable[..., Any]
"""Makes the client of a service by its name; more arguments are those of boto3."""


@contextmanager
def announced(
    folder: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Run a local cloud until the end of the block, and give what it says when it is ready.

    Args:
        folder: Where it keeps its files.
        options: Of `python -m localcloud`.
        environment: Variables beside those of the tests.

    """
    process = subprocess.Popen(
        [sys.executable, "-m", "localcloud", *options, "--data-dir", str(folder), "--stop-on-stdin-close"],
        cwd=ROOT,
        env={**os.environ, **(environment if environment is not None else {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate(timeout=20)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[str]:
    """Run a local cloud until the end of the block, and give the URL of its services."""
    with announced(folder, *options) as told:
        yield str(told["endpoint_url"])


def clients(url: str, **options: Any) -> Client:
    """Return what makes clients of a local cloud.

    Args:
        url: Where it answers.
        options: Of boto3, for all clients.

    """
    all_options = {
        "endpoint_url": url,
        "region_name": "us-east-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        **options,
    }

    def make(service: str, **more: Any) -> Any:
        return boto3.client(service, **(all_options | more))  # type: ignore[call-overload]

    return make
