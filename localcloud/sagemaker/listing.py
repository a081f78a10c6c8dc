"""Filters, order and pages of the List operations."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.utils import parse_to_aware_datetime

from localcloud.sagemaker.names import Params, invalid

_PAGE: Final = 10
Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How one List operation works.

    Attributes:
        result: response member with the summaries.
        name: summary member with the name.
        order: default SortOrder.
        status: summary member that StatusEquals compares, if any.

    """

    result: str
    name: str
    order: str = "Descending"
    status: str = ""

    def page(self, summaries: Iterable[Summary], params: Params) -> dict[str, Any]:
        """Return one page of summaries, with NextToken when there are more.

        Raises:
            AwsError: ValidationException, for a NextToken that this service did not give.

        """
        found = [each for each in summaries if self._wanted(each, params)]
        keys = {"Name": self.name, "Status": self.status}
        key = keys.get(params.get("SortBy", "CreationTime"), "CreationTime")
        found.sort(key=lambda each: each[key], reverse=params.get("SortOrder", self.order) == "Descending")
        token = params.get("NextToken", "0")
        if not token.isdecimal():
            raise invalid("Invalid NextToken")
        start, size = int(token), params.get("MaxResults", _PAGE)
        answer: dict[str, Any] = {self.result: found[start : start + size]}
        if start + size < len(found):
            answer["NextToken"] = str(start + size)
        return answer

    def _wanted(self, summary: Summary, params: Params) -> bool:
        if params.get("NameContains", "").lower() not in summary[self.name].lower():
            return False
        if self.status and params.get("StatusEquals", summary[self.status]) != summary[self.status]:
            return False
        return all(
            test(summary[member], _epoch(params[name]))
            for name, (member, test) in _TIMES.items()
            if name in params
        )


def _epoch(value: Any) -> float:
    return parse_to_aware_datetime(value).timestamp()


_TIMES: Final[Mapping[str, tuple[str, Callable[[float, float], bool]]]] = {
    "CreationTimeBefore": ("CreationTime", lambda at, limit: at < limit),
    "CreationTimeAfter": ("CreationTime", lambda at, limit: at > limit),
    "LastModifiedTimeBefore": ("LastModifiedTime", lambda at, limit: at < limit),
    "LastModifiedTimeAfter": ("LastModifiedTime", lambda at, limit: at > limit),
}
