"""The model served by the local cloud's hosting engine, and the promise that nothing of it is left behind."""

import http.client
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localcloud.hosting import ContainerSpec, HostingEngine, Instance
from tidegate_cli.rehearsal.process_tree import adopt_orphans, descendants, end_all
from tidegate_cli.rehearsal.processes import signals_ignored
from tidegate_runtime.expectations import Answer
from tidegate_runtime.samples import Sample

_HOST: Final = "127.0.0.1"
_ADDRESS: Final = "s3://local/model.tar.gz"
_PROC: Final = Path("/proc")


class NoAnswer(Exception):
    """The model process gave no answer; the text says why.

    Attributes:
        late: Whether it took too long, and not the process that ended.

    """

    def __init__(self, text: str, *, late: bool) -> None:
        super().__init__(text)
        self.late = late


@dataclass(frozen=True, slots=True)
class Server:
    """Starts processes that serve one model, one after the other.

    Attributes:
        engine: Starts and ends them.
        environment: Environment variables of the container.

    """

    engine: HostingEngine
    environment: Mapping[str, str]

    def start(self) -> Instance:
        """Start a fresh process and wait until its ping is answered.

        Raises:
            LaunchFailed: it ended before, or takes too long.

        """
        spec = ContainerSpec(image="local", model_data_url=_ADDRESS, environment=self.environment)
        (instance,) = self.engine.launch(spec, count=1).result()
        return instance


@contextmanager
def serving(archive: Path, environment: Mapping[str, str], *, startup_seconds: float) -> Iterator[Server]:
    """Yield a server of an archive; on the way out, everything that it started ends.

    Args:
        archive: The model archive.
        environment: Environment variables of the container.
        startup_seconds: Time within which a process must answer its ping.

    """
    adopt_orphans()
    before = descendants()
    with tempfile.TemporaryDirectory(prefix="tidegate-model-", ignore_cleanup_errors=True) as folder:
        engine = HostingEngine(Path(folder), lambda _: archive.read_bytes(), ping_seconds=startup_seconds)
        try:
            yield Server(engine, environment)
        finally:
            with signals_ignored():
                started = descendants() - before
                engine.close()
                end_all(started | (descendants() - before), grace_seconds=0.5)


def ping(instance: Instance, *, timeout_seconds: float) -> float:
    """Return the seconds that a process takes to answer its ping with 200.

    Raises:
        NoAnswer: it answers something else, or nothing.

    """
    answer = _request(instance, "GET", "/ping", b"", {}, timeout_seconds)
    if answer.status != http.client.OK:
        raise NoAnswer(f"the ping was answered with {answer.status}", late=False)
    return answer.seconds


def invoke(instance: Instance, sample: Sample, *, timeout_seconds: float) -> Answer:
    """Send a sample to a process.

    Raises:
        NoAnswer: there is none in time, or the process ended.

    """
    headers = {"Content-Type": sample.content_type}
    if sample.accept is not None:
        headers["Accept"] = sample.accept
    return _request(instance, "POST", "/invocations", sample.body, headers, timeout_seconds)


def peak_memory_bytes(instance: Instance) -> int | None:
    """Return the most memory that a process and what it started have used; None where nobody counts it."""
    peaks = [_peak(pid) for pid in {instance.pid, *descendants(instance.pid)}]
    known = [peak for peak in peaks if peak is not None]
    return sum(known) if known else None


def _request(
    instance: Instance, method: str, path: str, body: bytes, headers: Mapping[str, str], seconds: float
) -> Answer:
    connection = http.client.HTTPConnection(_HOST, instance.port, timeout=seconds)
    began = time.perf_counter()
    try:
        connection.request(method, path, body=body, headers=dict(headers))
        response = connection.getresponse()
        data = response.read()
    except TimeoutError as error:
        raise NoAnswer(f"no answer within {seconds:g} s", late=True) from error
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer("the model process ended, or closed the connection", late=False) from error
    finally:
        connection.close()
    return Answer(
        status=response.status,
        content_type=response.headers.get("Content-Type", ""),
        body=data,
        seconds=time.perf_counter() - began,
    )


def _peak(pid: int) -> int | None:
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return None
    peak = next((line for line in lines if line.startswith("VmHWM:")), None)
    return None if peak is None else int(peak.split()[1]) * 1024
