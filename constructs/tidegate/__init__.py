"""CDK constructs that deploy machine-learning models on Amazon SageMaker safely.

Example:
    from tidegate import InstanceVariant, Model, ModelSource, RealTimeEndpoint

    model = Model(stack, "Model", source=ModelSource.model_package(arn), role=role)
    live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
    RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="digits")

"""

from tidegate.artifact_bucket import ArtifactBucket
from tidegate.candidate_alarms import CandidateAlarms
from tidegate.execution_role import ExecutionRole
from tidegate.hosting_guard import HostingGuard
from tidegate.instance_variant import InstanceVariant
from tidegate.model import Model, ModelSource
from tidegate.model_registry import ModelRegistry
from tidegate.real_time_endpoint import RealTimeEndpoint
from tidegate.rollout import Rollout
from tidegate.rollout_ledger import RolloutLedger
from tidegate.rollout_plan import Bake, RolloutPlan, RolloutStep
from tidegate.signal import Signal
from tidegate.variant_scaling import TargetTracking, VariantScaling

__all__ = [
    "ArtifactBucket",
    "Bake",
    "CandidateAlarms",
    "ExecutionRole",
    "HostingGuard",
    "InstanceVariant",
    "Model",
    "ModelRegistry",
    "ModelSource",
    "RealTimeEndpoint",
    "Rollout",
    "RolloutLedger",
    "RolloutPlan",
    "RolloutStep",
    "Signal",
    "TargetTracking",
    "VariantScaling",
]
