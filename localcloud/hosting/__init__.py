"""The hosting engine: each instance of a variant is a real process that serves a real model artifact."""

from localcloud.hosting.artifacts import ArtifactCache, BadArtifact
from localcloud.hosting.client import InstanceTimeout, InstanceUnreachable, request_head
from localcloud.hosting.engine import ContainerSpec, HostingEngine, Launch, LaunchFailed
from localcloud.hosting.groups import ContainerGroup, Ensemble, HostLaunch, Served, launch_hosts
from localcloud.hosting.host import Call, Host
from localcloud.hosting.instance import Instance
from localcloud.hosting.models import ModelHost, ModelMissing, ModelNotReady
from localcloud.hosting.workers import Concurrency, Taken, TooManyRequests, WorkerPool

__all__ = [
    "ArtifactCache",
    "BadArtifact",
    "Call",
    "Concurrency",
    "ContainerGroup",
    "ContainerSpec",
    "Ensemble",
    "Host",
    "HostLaunch",
    "HostingEngine",
    "Instance",
    "InstanceTimeout",
    "InstanceUnreachable",
    "Launch",
    "LaunchFailed",
    "ModelHost",
    "ModelMissing",
    "ModelNotReady",
    "Served",
    "Taken",
    "TooManyRequests",
    "WorkerPool",
    "launch_hosts",
    "request_head",
]
