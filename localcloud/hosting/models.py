"""A multi-model host: a process for each model archive, started when a request asks for it.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/how-multi-model-endpoints-work.html (loading, unloading)
"""

import asyncio
import concurrent.futures
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from localcloud.hosting.artifacts import BadArtifact
from localcloud.hosting.client import Answer
from localcloud.hosting.engine import ContainerSpec, HostingEngine, Launch, LaunchFailed
from localcloud.hosting.host import Call, Host
from localcloud.hosting.instance import Instance

_MOST_MODELS: Final = 4
_LOAD_SECONDS: Final = 60.0


class ModelMissing(Exception):
    """There is no model archive at the address."""


class ModelNotReady(Exception):
    """The model is still being loaded."""


class ModelHost(Host):
    """The models that one instance has loaded.

    Args:
        engine: starts and ends the processes.
        container: what a model runs in; its model data is a prefix.
        cached: whether models stay loaded after a request.
        most_models: models that fit into memory; the one used longest ago makes room.
        load_seconds: real seconds that a request waits for its model; loading goes on afterwards.

    """

    def __init__(
        self,
        engine: HostingEngine,
        container: ContainerSpec,
        *,
        cached: bool = True,
        most_models: int = _MOST_MODELS,
        load_seconds: float = _LOAD_SECONDS,
    ) -> None:
        super().__init__()
        self._engine = engine
        self._container = container
        self._cached = cached
        self._most = most_models
        self._load_seconds = load_seconds
        self._lock = threading.Lock()
        self._models: OrderedDict[str, Launch] = OrderedDict()

    @property
    def alive(self) -> bool:
        """Whether it can answer: models come and go."""
        return True

    def parts(self) -> Sequence[Instance]:
        """Return the processes of the models. Blocks while one is being loaded."""
        with self._lock:
            launches = list(self._models.values())
        concurrent.futures.wait(launches)
        return [process for process in map(_process, launches) if process is not None]

    def holds(self, target: str) -> bool:
        """Whether a model is loaded, or being loaded."""
        return target in self._models

    async def invoke(
        self, head: bytes, body: bytes, *, timeout_seconds: float, call: Call | None = None
    ) -> Answer:
        """Ask the model that the call targets, loading it first when that is needed.

        Raises:
            ModelMissing: there is no such archive.
            ModelNotReady: it takes longer to load than a request waits.
            LaunchFailed: it does not load.

        """
        assert call is not None  # noqa: S101 - the runtime makes one for every group
        target = call.target or ""
        began = time.perf_counter()
        process = await self._loaded(target, call)
        call.load_seconds = time.perf_counter() - began
        try:
            return await process.invoke(head, body, timeout_seconds=timeout_seconds)
        finally:
            process.end()
            if not self._cached:
                self._unload(target, process)

    async def _loaded(self, target: str, call: Call) -> Instance:
        while True:
            launch = self._running(target)
            if call.loaded is None:
                call.loaded = launch is not None
            if launch is None:
                launch = await self._load(target)
            try:
                waiting = asyncio.shield(asyncio.wrap_future(launch))
                (process,) = await asyncio.wait_for(waiting, self._load_seconds)
            except TimeoutError:
                raise ModelNotReady(target) from None
            except LaunchFailed:
                self._drop(target, launch)
                raise
            if process.begin():
                return process

    def _running(self, target: str) -> Launch | None:
        with self._lock:
            launch = self._models.get(target)
            process = _process(launch) if launch is not None else None
            if process is not None and not process.alive:
                del self._models[target]
                return None
            if launch is not None:
                self._models.move_to_end(target)
            return launch

    async def _load(self, target: str) -> Launch:
        container = replace(self._container, model_data_url=self._container.model_data_url + target)
        try:
            await asyncio.to_thread(self._engine.download, container.model_data_url)
        except BadArtifact as error:
            raise ModelMissing(str(error)) from error
        with self._lock:
            launch = self._models.get(target)
            if launch is None:
                surplus = self._make_room()
                launch = self._models[target] = self._engine.launch(container, count=1)
            else:
                surplus = []
        self._engine.retire(surplus)
        return launch

    def _make_room(self) -> list[Instance]:
        """Forget the models used longest ago that have no request in hand."""
        surplus: list[Instance] = []
        for target, launch in list(self._models.items()):
            process = _process(launch)
            if len(self._models) < self._most:
                break
            if process is not None and not process.outstanding:
                del self._models[target]
                surplus.append(process)
        return surplus

    def _drop(self, target: str, launch: Launch) -> None:
        with self._lock:
            if self._models.get(target) is launch:
                del self._models[target]

    def _unload(self, target: str, process: Instance) -> None:
        with self._lock:
            launch = self._models.get(target)
            if process.outstanding or launch is None or _process(launch) is not process:
                return
            del self._models[target]
        self._engine.retire([process])


def _process(launch: Launch) -> Instance | None:
    if not launch.done() or launch.exception() is not None:
        return None
    return launch.result()[0]
