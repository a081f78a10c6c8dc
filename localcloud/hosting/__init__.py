"""The hosting engine: each instance of a variant is a real process that serves a real model artifact."""

from localcloud.hosting.artifacts import ArtifactCache, BadArtifact
from localcloud.hosting.client import InstanceTimeout, InstanceUnreachable
from localcloud.hosting.engine import ContainerSpec, HostingEngine, Launch, LaunchFailed
from localcloud.hosting.instance import Instance
from localcloud.hosting.workers import Concurrency, Taken, TooManyRequests, WorkerPool

__all__ = [
    "ArtifactCache",
    "BadArtifact",
    "Concurrency",
    "ContainerSpec",
    "HostingEngine",
    "Instance",
    "InstanceTimeout",
    "InstanceUnreachable",
    "Launch",
    "LaunchFailed",
    "Taken",
    "TooManyRequests",
    "WorkerPool",
]
