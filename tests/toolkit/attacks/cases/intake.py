"""Intake: zips and folders made to break whoever takes them in. Each packs the right solution, or nearly."""

# ruff: noqa: E501  a payload is easier to read on one line

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile

from ..case import Case


def member(name, mode=stat.S_IFREG | 0o644, method=zipfile.ZIP_DEFLATED):
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, method
    return info


def zipped(*extra, damage=lambda content: content):
    """Pack the files and `extra` members (ZipInfo or name, content)."""

    def pack(folder, files):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in (*files.items(), *extra):
                archive.writestr(name, text)
        path = folder / "submission.zip"
        path.write_bytes(damage(content.getvalue()))
        return path

    return pack


def foldered(add):
    """Write the files into a folder, and let `add` put something beside them."""

    def pack(folder, files):
        root = folder / "submission"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(text)
        add(root)
        return root

    return pack


def overlapping(folder, files):
    """Twenty thousand entries of the list that all point at one compressed megabyte."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", bytes(2**23))
    raw = inner.getvalue()
    start = raw.rindex(b"PK\x01\x02")
    entry, end = raw[start : start + 50], raw[raw.rindex(b"PK\x05\x06") :]
    names = [f"{number:04x}" for number in range(20_000)]
    # The local header's name is what zipfile compares: one name, many times.
    listed = entry * len(names)
    tail = end[:8] + struct.pack("<HHII", len(names), len(names), len(listed), start) + b"\0\0"
    path = folder / "submission.zip"
    path.write_bytes(raw[:start] + listed + tail)
    return path


def nested(folder, files):
    """Zips within zips, and nothing else."""
    content = bytes(2**22)
    for _ in range(4):
        layer = io.BytesIO()
        with zipfile.ZipFile(layer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(8):
                archive.writestr(f"{number}.zip", content)
        content = layer.getvalue()
    path = folder / "submission.zip"
    path.write_bytes(content)
    return path


def tarred(*extra, ending="gz", tail=b""):
    """Pack the files into a tar, then `extra` members (TarInfo, content), then `tail`."""

    def pack(folder, files):
        path = folder / "submission.tar"
        with tarfile.open(path, f"w:{ending}", **({"compresslevel": 1} if ending == "gz" else {})) as archive:
            for name, text in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text))
            for info, content in extra:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            archive.fileobj.write(tail)
        return path

    return pack


def entry(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def announced(kind, size):
    """A header that promises far more than follows."""
    info = tarfile.TarInfo("big.py")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def truncated(content):
    return content[: len(content) // 2]


def flipped(content):
    return content[:200] + bytes([content[200] ^ 255]) + content[201:]


def encrypted(content):
    """Set the encryption bit in every header."""
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        parts = content.split(magic)
        parts[1:] = [part[: offset - 4] + bytes([part[offset - 4] | 1]) + part[offset - 3 :] for part in parts[1:]]
        content = magic.join(parts)
    return content


def grown(content):
    """Say that the list of members is a gigabyte."""
    end = content.rindex(b"PK\x05\x06")
    return content[: end + 12] + struct.pack("<I", 2**30) + content[end + 16 :]


EVIL = b"import os\nos._exit(0)\n"


def case(name, pack):
    return Case("intake", name, pack=pack)


CASES = [
    case("a member that climbs out", zipped(("../canary/slipped.py", EVIL), ("beras/../../canary/slipped.py", EVIL))),
    case("a member with an absolute path", zipped(("/canary/slipped.py", EVIL), ("C:\\canary\\slipped.py", EVIL))),
    case("a member that is a link", zipped((member("beras/extra.py", stat.S_IFLNK | 0o777), b"../../reference/beras/layers.py"))),
    case("a member that is a device", zipped((member("beras/extra.py", stat.S_IFCHR | 0o666), b""))),
    case("a member of a gigabyte of zeros", zipped(("beras/big.py", bytes(2**28)))),
    case("a bomb in a compression without bounds", zipped((member("big.py", method=zipfile.ZIP_LZMA), bytes(2**28)))),
    case("a bomb in bzip2", zipped((member("big.py", method=zipfile.ZIP_BZIP2), bytes(2**28)))),
    case("a hundred large members", zipped(*((f"big{number}.py", bytes(2**23 + 1)) for number in range(60)))),
    case("zips within zips", nested),
    case("members that overlap", overlapping),
    case("a hundred thousand members", zipped(*((f"{number}.txt", b"") for number in range(100_000)))),
    case("ten thousand Python files", zipped(*((f"{number}.py", b"x = 1\n") for number in range(10_000)))),
    case("a list of members of a gigabyte", zipped(damage=grown)),
    case("names that differ by case", zipped(("beras/Layers.py", EVIL), ("Beras/layers.py", EVIL))),
    case("one name twice", zipped(("beras/layers.py", EVIL))),
    case("names with marks of direction", zipped(("beras/\u202eyp.sreyal.py", EVIL), ("beras/\u200blayers.py", EVIL))),
    case("names with controls and markup", zipped(("beras/\x1b[2J.py", EVIL), ("<script>alert(1)</script>.py", b"x = 1\n"))),
    case("a path of forty folders", zipped(("a/" * 40 + "x.py", EVIL))),
    case("an encrypted zip", zipped(damage=encrypted)),
    case("a zip cut in half", zipped(damage=truncated)),
    case("a zip with a flipped byte", zipped(damage=flipped)),
    case("modules that shadow the library", zipped(("numpy.py", EVIL), ("json.py", EVIL), ("random.py", EVIL), ("guest.py", EVIL))),
    case("start-up modules", zipped(("sitecustomize.py", EVIL), ("usercustomize.py", EVIL), ("conftest.py", EVIL), ("x.pth", b"import os"))),
    case("compiled code", zipped(("beras/layers.pyc", EVIL), ("beras/__pycache__/layers.cpython-311.pyc", EVIL))),
    case("compiled extensions", zipped(("beras/layers.so", b"\x7fELF"), ("beras/layers.cpython-311-x86_64-linux-gnu.so", b"\x7fELF"))),
    case("a pipe in the folder", foldered(lambda root: os.mkfifo(root / "beras" / "pipe.py"))),
    case("a link in the folder", foldered(lambda root: (root / "beras" / "linked.py").symlink_to("/etc/passwd"))),
    case("a link to the folder itself", foldered(lambda root: (root / "loop").symlink_to(root))),
    case("a socket's name in the folder", foldered(lambda root: os.mkfifo(root / "assignment"))),
    case("a tar with members that climb out", tarred((entry("../canary/slipped.py"), EVIL), (entry("/canary/slipped.py"), EVIL))),
    case("a tar with links, a device and a pipe", tarred(*((entry(f"beras/{kind.decode()}.py", kind, "../../reference/beras/layers.py"), b"") for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)), ending="xz")),
    case("a tar with a member of a gigabyte of zeros", tarred(tail=announced(tarfile.REGTYPE, 2**30) + bytes(2**27))),
    case("a tar with a name of a gigabyte", tarred(tail=announced(tarfile.GNUTYPE_LONGNAME, 2**30) + bytes(2**26))),
    case("a tar with sixty thousand members", tarred(tail=b"".join(tarfile.TarInfo(f"{n}.txt").tobuf() for n in range(60_000)))),
    case("a tar of headers that lead to no member", tarred(tail=(entry("x", tarfile.XHDTYPE).tobuf()) * 20_000)),
    case("a deep folder", foldered(lambda root: (root / ("d/" * 200)).mkdir(parents=True))),
]  # fmt: skip


def sealed(header):
    """A header whose checksum is right again."""
    header = bytearray(header)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def sparse():
    """A member that says it is eight gigabytes, of which one block follows."""
    header = bytearray(announced(tarfile.GNUTYPE_SPARSE, 512))
    header[386:410], header[483:495] = b"00000000000\0" + b"00000001000\0", b"77777777777\0"
    return sealed(header) + bytes(512)


def negative():
    """A member with a size below zero."""
    header = bytearray(announced(tarfile.REGTYPE, 0))
    header[124:136] = b"\xff" * 12
    return sealed(header)


def lying_fields():
    info = entry("beras/extra.py")
    info.pax_headers = {"size": "-1", "path": "../canary/x.py\0", "mtime": "nan", "GNU.sparse.realsize": "9" * 30}
    return info


def alone(name, content):
    """Hand in one file, whatever the submission."""

    def pack(folder, files):
        (folder / name).write_bytes(content())
        return folder / name

    return pack


def under(*places):
    """Zip the homework below each of these folders."""

    def pack(folder, files):
        return zipped()(folder, {f"{place}/{name}": text for place in places for name, text in files.items()})

    return pack


def truncated_to(root):
    with (root / "beras" / "big.py").open("wb") as file:
        file.truncate(2**40)


def with_closed_folder(root):
    (root / "closed").mkdir()
    (root / "closed").chmod(0)


CONFIGURATION = {
    "pytest.ini": "[pytest]\naddopts = -p evil\n", "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p evil'\n",
    "setup.py": EVIL.decode(), "pyvenv.cfg": "home = /nowhere\n", "python312._pth": "import site\n", ".env": "PYTHONSTARTUP=x.py\n",
    "assignment.toml": "[assignment]\nsecret = 'x'\n", "typing.py": EVIL.decode(), "run_autograder": "#!/bin/sh\nexit 0\n",
}  # fmt: skip


def configured(root):
    for name, text in CONFIGURATION.items():
        (root / name).write_text(text)
    (root / ".git" / "hooks").mkdir(parents=True)
    for name in (".git/config", ".git/hooks/post-checkout"):
        (root / name).write_text(f"#!/bin/sh\n[core]\n\tfsmonitor = touch {root.parent}/ran\n")
        (root / name).chmod(0o755)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")


ODD_NAMES = (
    "CON.py", "a\nb.py", "`.py", "[x](http://127.0.0.1/).py", "[/red].py", "=cmd|calc!A1.py", "-rf.py", " .py", ".py",
    "beras/layers.py/x.py", "beras", ".", "/", "bera\u017f/layers.py", "beras/\ufb01.py", "beras/l\u00e9.py", "beras/le\u0301.py",
)  # fmt: skip

CASES += [
    case("a tar with a member full of holes", tarred(tail=sparse())),
    case("a tar with a size below zero", tarred(tail=negative())),
    case("a tar with fields that lie", tarred((lying_fields(), b"x = 1\n"))),
    case("a gzip of zeros alone", alone("submission.tar.gz", lambda: gzip.compress(bytes(2**26), 1))),
    case("a gzip of many streams", alone("submission.tar.gz", lambda: gzip.compress(b"") * 50_000)),
    case("a zip with two ends", zipped(damage=lambda content: content + b"PK\x05\x06" + bytes(18))),
    case("a zip behind a script", zipped(damage=lambda content: b"#!/bin/sh\nexit\n" * 10**4 + content)),
    case("a zip whose list and members differ in name", zipped(damage=lambda content: content.replace(b"beras/layers.py", b"beras/LAYERS.py", 1))),
    case("names that no file system agrees on", zipped(*((name, b"x = 1\n") for name in ODD_NAMES))),
    case("the homework in a folder with markup for its name", under("[full marks](http://127.0.0.1/)/**100**")),
    case("the homework in twelve folders", under(*(f"copy{number}" for number in range(12)))),
    case("a file of a terabyte of holes", foldered(truncated_to)),
    case("a folder that nobody may read", foldered(with_closed_folder)),
    case("configuration of every tool around", foldered(configured)),
]  # fmt: skip
