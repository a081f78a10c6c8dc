"""Named failures: the class name is the error name that the state machines see."""


class Fault(Exception):
    """Base of everything that a handler raises on purpose."""


class Transient(Fault):
    """A time-out or a server error: the same call may succeed later."""


class Throttled(Transient):
    """The account asks for more than it may in this moment: nothing is wrong but the number of callers."""


class Denied(Fault):
    """AWS refused for want of a permission: repeating does not help."""


class Rejected(Fault):
    """AWS refused the request as invalid: repeating does not help."""


class QuotaExceeded(Fault):
    """The account's quota, or the region's capacity, does not allow the instances asked for."""


class EndpointBusy(Fault):
    """The endpoint takes no change while another one is in progress."""


class EndpointMissing(Fault):
    """There is no endpoint of that name."""


class EndpointFailed(Fault):
    """The endpoint is in a state that it does not leave by itself."""


class NothingToUpdate(Fault):
    """CloudFormation sees no difference between the stack and what was asked for."""


class LeaseHeld(Fault):
    """Another rollout of this endpoint is in flight."""


class NotApproved(Fault):
    """The model package version is not approved, or not one of this service."""


class Incompatible(Fault):
    """The model package version cannot run beside the live one."""


class ArtifactMissing(Fault):
    """The model artifact is not where the model package says, or not readable."""


class BaselineUnhealthy(Fault):
    """The live endpoint is not what the stack says, so there is nothing to compare with."""


class AlarmMissing(Fault):
    """An alarm that guards the rollout is not there."""


class EvidenceMissing(Fault):
    """Traffic would rise without an explicit PASS on the step before."""


class MetricUnusable(Fault):
    """A metric does not hold what the plan says it counts."""


class NotProven(Fault):
    """A version would go live without a candidate that was never promoted, or in place of another one."""


class UpdateRolledBack(Fault):
    """SageMaker went back to the previous configuration by itself."""


class UnexpectedConfig(Fault):
    """Somebody else changed the endpoint, its weights or the live pointer."""


class StackUpdateFailed(Fault):
    """The hosting stack did not take the promoted version."""


class RollbackRequested(Fault):
    """The rollout is being rolled back, or has ended: the step must not act."""


class FunctionFailed(Fault):
    """A function of a user's, a gate or a hook, did not answer."""


class PlanInvalid(Fault):
    """The rollout plan, or another setting, cannot be used."""


class RequestInvalid(Fault):
    """A delivery pipeline asks for a job that is not known, or without what it needs."""
