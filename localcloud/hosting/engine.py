"""Starts and ends model processes."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from localcloud.hosting.artifacts import ArtifactCache, BadArtifact
from localcloud.hosting.host import Host
from localcloud.hosting.instance import Instance

_ROOT: Final = Path(__file__).parents[2]
_PING_SECONDS: Final = 60.0
_DRAIN_SECONDS: Final = 70.0
_MEMORY_BYTES: Final = 4 * 1024**3
_CONNECT_SECONDS: Final = 1.0

Launch = Future[list[Instance]]


class LaunchFailed(Exception):
    """An instance did not come up; the text is fit for a FailureReason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """What an instance runs.

    Attributes:
        image: image URI; recorded, never run.
        model_data_url: S3 address of the model artifact.
        environment: container environment variables.
        hostname: what tells it from the other containers of a model.

    """

    image: str
    model_data_url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    hostname: str = ""


class HostingEngine:
    """Starts fleets of model processes, retires them, and ends them all on `close`.

    A process sees no environment but the container's own, PATH, HOME, SM_MODEL_DIR and single-threaded
    numerics; in particular no AWS credentials.

    Args:
        folder: where artifacts are extracted.
        artifacts: returns the bytes at an S3 address.
        ping_seconds: real seconds within which GET /ping must answer 200.

    Example:
        engine = HostingEngine(Path("data"), read_object)
        instances = engine.launch(spec, count=2).result()

    """

    def __init__(
        self, folder: Path, artifacts: Callable[[str], bytes], *, ping_seconds: float = _PING_SECONDS
    ) -> None:
        self._folder = folder
        self._cache = ArtifactCache(folder / "models", artifacts)
        self._ping_seconds = ping_seconds
        self._lock = threading.Lock()
        self._instances: set[Instance] = set()
        self._closed = False
        # Linux sends a child the signal of its parent's death when the *thread* that started it ends: this
        # pool's one thread lives as long as the engine.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="instance-starter")
        self._starter.submit(int).result()

    def launch(self, spec: ContainerSpec, *, count: int) -> Launch:
        """Start instances, all at once, and wait for their pings in the background.

        Args:
            spec: what they run.
            count: how many, 0 or more.

        Returns:
            A future of the instances. It fails with `LaunchFailed` when one of them does not come up; the
            others are then ended.

        """
        launch: Launch = Future()
        threading.Thread(target=self._launch, args=(launch, spec, count), daemon=True).start()
        return launch

    def retire(self, hosts: Sequence[Host]) -> None:
        """End hosts in the background, each after the requests it has in hand."""
        for host in hosts:
            threading.Thread(target=self._retire, args=(host,), daemon=True).start()

    def download(self, uri: str) -> None:
        """Fetch a model archive without serving it.

        Raises:
            BadArtifact: see `ArtifactCache.fetch`.

        """
        self._cache.fetch(uri)

    def running(self) -> int:
        """Return the number of processes that run."""
        with self._lock:
            return sum(instance.alive for instance in self._instances)

    def close(self) -> None:
        """End every process at once; a second time does nothing."""
        with self._lock:
            self._closed = True
            instances, self._instances = self._instances, set()
        for instance in instances:
            instance.kill()
        self._starter.shutdown(wait=True)

    def _launch(self, launch: Launch, spec: ContainerSpec, count: int) -> None:
        started: list[Instance] = []
        try:
            folder = self._cache.fetch(spec.model_data_url)
            for _ in range(count):
                started.append(self._start(spec, folder))
            deadline = time.monotonic() + self._ping_seconds
            for instance in started:
                self._await_ping(instance, deadline)
        except Exception as error:  # noqa: BLE001 - whatever happened, the launch has failed with it
            for instance in started:
                self._forget(instance)
            known = isinstance(error, LaunchFailed | BadArtifact)
            launch.set_exception(LaunchFailed(str(error) if known else repr(error)))
            return
        launch.set_result(started)

    def _start(self, spec: ContainerSpec, folder: Path) -> Instance:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            command = [sys.executable, "-m", "localcloud.model_server"]
            command += ["--socket-fd", str(listener.fileno()), "--memory-bytes", str(_MEMORY_BYTES)]
            environment = self._environment(spec, folder)
            process = self._starter.submit(_open, command, environment, folder, listener.fileno()).result()
        instance = Instance(process, port)
        with self._lock:
            self._instances.add(instance)
            closed = self._closed
        if closed:
            self._forget(instance)
            raise LaunchFailed("the local cloud is closing")
        return instance

    def _environment(self, spec: ContainerSpec, folder: Path) -> dict[str, str]:
        numerics = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        return {
            **numerics,
            **spec.environment,
            "PATH": os.defpath,
            "HOME": str(self._folder),
            "SM_MODEL_DIR": str(folder),
            "PYTHONPATH": str(_ROOT),
        }

    def _await_ping(self, instance: Instance, deadline: float) -> None:
        while time.monotonic() < deadline:
            if not instance.alive:
                raise LaunchFailed(f"the container exited before it answered a ping\n{instance.last_words()}")
            if _pings(instance.port, min(_CONNECT_SECONDS, deadline - time.monotonic())):
                return
        waited = f"did not pass the ping health check within {self._ping_seconds:g} s"
        raise LaunchFailed(f"the container {waited}\n{instance.last_words()}")

    def _retire(self, host: Host) -> None:
        host.drain(timeout_seconds=_DRAIN_SECONDS)
        for instance in host.parts():
            self._forget(instance)

    def _forget(self, instance: Instance) -> None:
        instance.kill()
        with self._lock:
            self._instances.discard(instance)


def _open(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, descriptor: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(descriptor,),
        process_group=0,
    )


def _pings(port: int, timeout_seconds: float) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=max(0.05, timeout_seconds))
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
