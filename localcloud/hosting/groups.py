"""Several containers as one host: inference pipelines, and endpoints that name the container of a request.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/inference-pipelines.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-endpoints.html
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from localcloud.hosting.client import Answer, InstanceTimeout, request_head
from localcloud.hosting.engine import ContainerSpec, HostingEngine, LaunchFailed
from localcloud.hosting.host import Call, Host
from localcloud.hosting.instance import Instance
from localcloud.hosting.models import ModelHost

Mode = Literal["Serial", "Direct", "MultiModel", "Components"]
HostLaunch = Future[list[Host]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerGroup:
    """What a host of several processes runs.

    Attributes:
        mode: Serial hands the answer of a container to the next one, Direct asks the one that the request
            names, MultiModel runs a process for each model archive below the address of its container,
            Components runs nothing by itself.
        containers: in order; one for MultiModel, none for Components.
        cached: whether models stay loaded after a request.

    """

    mode: Mode
    containers: tuple[ContainerSpec, ...]
    cached: bool = True


Served = ContainerSpec | ContainerGroup


class Ensemble(Host):
    """The containers of one instance.

    Args:
        mode: how requests find their container.
        processes: the containers by hostname, in order.

    """

    def __init__(self, mode: Mode, processes: Mapping[str, Instance]) -> None:
        super().__init__()
        self._mode = mode
        self._processes = dict(processes)

    @property
    def alive(self) -> bool:
        """Whether every container runs."""
        return all(process.alive for process in self._processes.values())

    def parts(self) -> Sequence[Instance]:
        """Return the containers' processes."""
        return tuple(self._processes.values())

    async def invoke(
        self, head: bytes, body: bytes, *, timeout_seconds: float, call: Call | None = None
    ) -> Answer:
        """Ask the named container, or each in turn; the first error of a container is the answer."""
        assert call is not None  # noqa: S101 - the runtime makes one for every group
        if self._mode == "Direct":
            return await self._ask(call.target or "", head, body, timeout_seconds, call)
        deadline = time.monotonic() + timeout_seconds
        headers = dict(call.headers)
        accept = headers.pop("accept", None)
        *_, last = self._processes
        answer = Answer(200, {}, body)
        for name in self._processes:
            if name == last and accept is not None:
                headers["accept"] = accept
            left = deadline - time.monotonic()
            if left <= 0:
                raise InstanceTimeout("no answer in time")
            answer = await self._ask(name, request_head(headers), answer.body, left, call)
            if not 200 <= answer.status < 300:
                break
            headers["content-type"] = answer.headers.get("content-type", "application/octet-stream")
        return answer

    async def _ask(self, name: str, head: bytes, body: bytes, seconds: float, call: Call) -> Answer:
        began = time.perf_counter()
        try:
            return await self._processes[name].invoke(head, body, timeout_seconds=seconds)
        finally:
            call.seconds[name] = time.perf_counter() - began


def launch_hosts(engine: HostingEngine, served: Served, *, count: int) -> HostLaunch:
    """Start hosts, all at once; see `HostingEngine.launch`.

    Args:
        engine: starts the processes.
        served: what a host runs.
        count: how many, 0 or more.

    """
    launch: HostLaunch = Future()
    if isinstance(served, ContainerSpec):
        engine.launch(served, count=count).add_done_callback(lambda started: _hand_on(started, launch))
    elif served.mode == "MultiModel":
        launch.set_result(
            [ModelHost(engine, served.containers[0], cached=served.cached) for _ in range(count)]
        )
    elif served.mode == "Components":
        launch.set_result([Ensemble(served.mode, {}) for _ in range(count)])
    else:
        _launch_group(engine, served, count, launch)
    return launch


def _hand_on(started: Future[list[Instance]], launch: HostLaunch) -> None:
    error = started.exception()
    if error is not None:
        launch.set_exception(error)
    else:
        launch.set_result(list(started.result()))


def _launch_group(engine: HostingEngine, group: ContainerGroup, count: int, launch: HostLaunch) -> None:
    started = {each.hostname: engine.launch(each, count=count) for each in group.containers}
    waiting = set(started)

    def ended(name: str) -> None:
        waiting.discard(name)
        if not waiting and not launch.done():
            _assemble(engine, group, started, launch)

    for name, container in list(started.items()):
        container.add_done_callback(lambda _started, name=name: ended(name))  # type: ignore[misc]


def _assemble(
    engine: HostingEngine,
    group: ContainerGroup,
    started: Mapping[str, Future[list[Instance]]],
    launch: HostLaunch,
) -> None:
    failed = {name: each.exception() for name, each in started.items() if each.exception()}
    if failed:
        for name in set(started) - set(failed):
            engine.retire(started[name].result())
        name, error = next(iter(failed.items()))
        launch.set_exception(LaunchFailed(f"container {name}: {error}"))
        return
    rows = zip(*(each.result() for each in started.values()), strict=True)
    launch.set_result([Ensemble(group.mode, dict(zip(started, row, strict=True))) for row in rows])
