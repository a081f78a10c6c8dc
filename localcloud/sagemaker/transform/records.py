"""Objects as records, records as requests.

Sources: SplitType of https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformInput.html;
BatchStrategy and MaxPayloadInMB of API_CreateTransformJob.html
"""

from collections.abc import Sequence

from localcloud.sagemaker.transform.failures import ClientFault

_MEGABYTE = 1024 * 1024


def split_lines(data: bytes) -> list[bytes]:
    """Return the lines of an object without their ends."""
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def batches(records: Sequence[bytes], *, several: bool, most_mb: int) -> list[list[bytes]]:
    """Group records into requests.

    Args:
        records: the records of an object.
        several: whether a request holds as many as fit, or one.
        most_mb: largest request in MB; 0 for no limit.

    Raises:
        ClientFault: a single record is too large.

    """
    limit = most_mb * _MEGABYTE if most_mb else None
    found: list[list[bytes]] = []
    size = 0
    for record in records:
        if limit is not None and len(record) > limit:
            raise ClientFault(
                f"Too much data for max payload size: a record has {len(record)} bytes, MaxPayloadInMB is "
                f"{most_mb}"
            )
        # One byte more for the end of the line before.
        fits = limit is None or size + len(record) + 1 <= limit
        if several and found and fits:
            found[-1].append(record)
            size += len(record) + 1
        else:
            found.append([record])
            size = len(record)
    return found


def assembled(answers: Sequence[bytes], *, by_line: bool) -> bytes:
    """Put the answers to the requests of an object together.

    Source: AssembleWith of
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformOutput.html
    """
    if not by_line:
        return b"".join(answers)
    return b"".join(answer if answer.endswith(b"\n") else answer + b"\n" for answer in answers)
