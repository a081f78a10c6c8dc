"""What is in a model archive, and what SageMaker or its containers would not take of it."""

import posixpath
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Self

from tidegate_cli.check_model.checks import Check, Status, listed, size_text
from tidegate_cli.check_model.contract import (
    ARCHIVE_PAGE,
    LAYOUT_PAGE,
    LOCAL_EXTRACTED_BYTES,
    SERVERLESS_PAGE,
    Contract,
)
from tidegate_cli.check_model.source import is_image
from tidegate_cli.failures import CliError

SCRIPT: Final = "code/inference.py"
_LAYOUT: Final = f"{SCRIPT} with model_fn, as the framework containers expect"
_JUNK_NAMES: Final = frozenset({".DS_Store", "__MACOSX", ".git", ".ipynb_checkpoints", "Thumbs.db"})
_READABLE: Final = 0o444
_ENTERABLE: Final = 0o555


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The table of contents of a model archive.

    Attributes:
        compressed_bytes: Size of the file.
        members: Everything in it, in order.

    """

    compressed_bytes: int
    members: tuple[tarfile.TarInfo, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a whole archive, so that damage anywhere in it is seen.

        Raises:
            CliError: it is damaged, or holds no tar archive.

        """
        try:
            with tarfile.open(path, "r:gz") as tar:
                members = tuple(tar)
        except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
            raise CliError(f"{path} is damaged, or no tar archive: {error}") from error
        if not members:
            raise CliError(f"{path} is an empty archive")
        return cls(compressed_bytes=path.stat().st_size, members=members)

    @property
    def names(self) -> list[str]:
        """Names as they lie in the model folder, without `./`."""
        return [posixpath.normpath(member.name) for member in self.members]

    @property
    def extracted_bytes(self) -> int:
        """What all files take together."""
        return sum(member.size for member in self.members if member.isreg())


def check_archive(archive: Archive, contract: Contract) -> list[Check]:
    """Return what there is to say about an archive."""
    rules: tuple[Callable[[Archive], Check], ...] = (_paths, _links, _kinds, _layout, _permissions, _junk)
    return [_size(archive, contract), *(rule(archive) for rule in rules)]


def _size(archive: Archive, contract: Contract) -> Check:
    extracted, limit = archive.extracted_bytes, contract.disk_bytes
    status, source = Status.PASS, ARCHIVE_PAGE
    allowed = "extracted what the instance's volume holds"
    if limit is not None:
        status = Status.FAIL if extracted > limit else Status.PASS
        allowed, source = f"extracted at most {size_text(limit)} on a serverless endpoint", SERVERLESS_PAGE
    if status is Status.PASS and extracted > LOCAL_EXTRACTED_BYTES:
        status, source = Status.NOT_RUN, ""
        allowed = f"the local model server extracts at most {size_text(LOCAL_EXTRACTED_BYTES)}"
    found = f"{size_text(archive.compressed_bytes)}, extracted {size_text(extracted)}"
    return Check(what="archive: size", status=status, found=found, allowed=allowed, source=source)


def _paths(archive: Archive) -> Check:
    bad = [member.name for member in archive.members if _leads_out(member.name)]
    allowed = "relative names without .. that lead out"
    return _of("archive: paths", bad, f"{len(archive.members)} names", allowed)


def _links(archive: Archive) -> Check:
    allowed = "links that stay in the archive and lead somewhere"
    bad = [f"{one.name} -> {one.linkname}" for one in archive.members if _leads_out(_target(one))]
    if bad:
        return _of("archive: links", bad, "", allowed)
    links = [one for one in archive.members if one.issym() or one.islnk()]
    known = {
        *archive.names,
        *(parent for name in archive.names for parent in map(str, PurePosixPath(name).parents)),
    }
    lost = [f"{one.name} -> {one.linkname}" for one in links if posixpath.normpath(_target(one)) not in known]
    return _of("archive: links", lost, f"{len(links)} links", allowed, worst=Status.WARN)


def _kinds(archive: Archive) -> Check:
    bad = [
        one.name for one in archive.members if not (one.isreg() or one.isdir() or one.issym() or one.islnk())
    ]
    return _of("archive: kinds of files", bad, "files and folders", "no devices and no pipes")


def _layout(archive: Archive) -> Check:
    names = archive.names
    if SCRIPT in names:
        return Check(
            what="archive: layout", status=Status.PASS, found=SCRIPT, allowed=_LAYOUT, source=LAYOUT_PAGE
        )
    found = f"no {SCRIPT}{_why_no_script(names)}"
    return Check(what="archive: layout", status=Status.FAIL, found=found, allowed=_LAYOUT, source=LAYOUT_PAGE)


def _why_no_script(names: list[str]) -> str:
    tops = {name.partition("/")[0] for name in names} - {"."} - _JUNK_NAMES
    if len(tops) == 1 and f"{(top := tops.pop())}/{SCRIPT}" in names:
        how = f"tar -C {top} -czf model.tar.gz ."
        return f", but {top}/{SCRIPT}: pack what is in the folder, not the folder ({how})"
    if is_image(names):
        return ": this is a container image, which cannot be run here without Docker"
    if any(name.endswith(".onnx") for name in names):
        return ": an ONNX model needs one that loads it with onnxruntime"
    if any(name.endswith("saved_model.pb") for name in names):
        return ": TensorFlow Serving's own container takes this, and cannot be run here"
    if "inference.py" in names:
        return ", but inference.py at the top: put it into code/"
    return ": a container with a server of its own may do without, and cannot be run here"


def _permissions(archive: Archive) -> Check:
    bad = [f"{one.name} ({one.mode & 0o7777:04o})" for one in archive.members if _closed(one)]
    allowed = "readable for everybody: a container need not run as root"
    return _of("archive: permissions", bad, "everything is readable", allowed, worst=Status.WARN)


def _junk(archive: Archive) -> Check:
    bad = [name for name in archive.names if _is_junk(name)]
    allowed = "no leftovers of macOS, git and notebooks"
    return _of("archive: leftovers", bad, "none", allowed, worst=Status.WARN)


def _of(what: str, bad: list[str], good: str, allowed: str, *, worst: Status = Status.FAIL) -> Check:
    status, found = (worst, listed(bad)) if bad else (Status.PASS, good)
    return Check(what=what, status=status, found=found, allowed=allowed)


def _leads_out(name: str) -> bool:
    plain = posixpath.normpath(name)
    return plain == ".." or plain.startswith(("/", "../"))


def _target(member: tarfile.TarInfo) -> str:
    """Return where a link leads, seen from the top; `.` for anything else."""
    if not member.issym():
        # A hard link's target is written from the top, a symbolic link's from where the link lies.
        return member.linkname if member.islnk() else "."
    return posixpath.join(posixpath.dirname(member.name), member.linkname)


def _closed(member: tarfile.TarInfo) -> bool:
    if member.issym() or member.islnk():
        return False
    needed = _ENTERABLE if member.isdir() else _READABLE
    return member.mode & needed != needed


def _is_junk(name: str) -> bool:
    parts = name.split("/")
    return any(part in _JUNK_NAMES or part.startswith("._") for part in parts)
