"""Launches of several variants as one."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future

from localcloud.hosting import Host, HostingEngine, HostLaunch, LaunchFailed

Fleet = dict[str, list[Host]]


def launch_all(engine: HostingEngine, launches: Mapping[str, HostLaunch]) -> Future[Fleet]:
    """Join the launches of several variants.

    Args:
        engine: retires what came up when another launch fails.
        launches: launch by variant name.

    Returns:
        A future of the instances by variant name. It fails with `LaunchFailed`, naming the variant, as soon
        as every launch has ended and one has failed.

    """
    joined: Future[Fleet] = Future()
    left = len(launches)
    lock = threading.Lock()

    def ended(_launch: HostLaunch) -> None:
        nonlocal left
        with lock:
            left -= 1
            if left:
                return
        _settle(joined, engine, launches)

    if not launches:
        joined.set_result({})
    for launch in launches.values():
        launch.add_done_callback(ended)
    return joined


def _settle(joined: Future[Fleet], engine: HostingEngine, launches: Mapping[str, HostLaunch]) -> None:
    failed = {name: launch.exception() for name, launch in launches.items() if launch.exception()}
    if not failed:
        joined.set_result({name: launch.result() for name, launch in launches.items()})
        return
    for name, launch in launches.items():
        if name not in failed:
            engine.retire(launch.result())
    name, error = next(iter(failed.items()))
    joined.set_exception(LaunchFailed(f"The container for production variant {name} failed: {error}"))
