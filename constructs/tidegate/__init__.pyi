# The public names: one line each. `__init__.py` imports a name from here when it is first used.
from tidegate.artifact_bucket import ArtifactBucket as ArtifactBucket
from tidegate.candidate_alarms import CandidateAlarms as CandidateAlarms
from tidegate.execution_role import ExecutionRole as ExecutionRole
from tidegate.hosting_guard import HostingGuard as HostingGuard
from tidegate.instance_variant import InstanceVariant as InstanceVariant
from tidegate.model import Model as Model
from tidegate.model import ModelSource as ModelSource
from tidegate.model_registry import ModelRegistry as ModelRegistry
from tidegate.real_time_endpoint import RealTimeEndpoint as RealTimeEndpoint
from tidegate.rollout import Rollout as Rollout
from tidegate.rollout_ledger import RolloutLedger as RolloutLedger
from tidegate.rollout_plan import Bake as Bake
from tidegate.rollout_plan import RolloutPlan as RolloutPlan
from tidegate.rollout_plan import RolloutStep as RolloutStep
from tidegate.signal import Signal as Signal
from tidegate.variant_scaling import TargetTracking as TargetTracking
from tidegate.variant_scaling import VariantScaling as VariantScaling
