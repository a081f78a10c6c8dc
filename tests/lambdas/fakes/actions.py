"""Everything that may happen to a rollout: the table, filled by importing what fills it."""

from tests.lambdas.fakes import actions_between_calls, actions_of_aws, actions_of_people, actions_on_calls
from tests.lambdas.fakes.action_table import ACTIONS, VERSIONS, happen

FILLED_BY = (actions_of_people, actions_on_calls, actions_between_calls, actions_of_aws)

__all__ = ["ACTIONS", "VERSIONS", "happen"]
