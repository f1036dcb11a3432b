"""Downloads MNIST, 70,000 handwritten digits, as Keras's mnist.npz: python get_mnist.py

A download that broke off goes on where it stopped. Python 3.9 or newer is all it needs. Without a network,
`python get_mnist.py --offline` makes a small mnist.npz from the real digits in digits.npz; that needs NumPy.

digits.npz: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository,
1998, https://doi.org/10.24432/C50P49, licensed CC BY 4.0.
"""

import argparse
import hashlib
import sys
import urllib.error
import urllib.request
from pathlib import Path

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
FOLDER = Path(__file__).resolve().parent
PATIENCE = 30  # seconds without a byte
TRIES = 3


class DownloadError(Exception):
    """The file could not be had; the text says why, and what to do."""


def checksum(path):
    """Return the SHA-256 of a file; "" if it is not there."""
    if not path.is_file():
        return ""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def download(target, address=ADDRESS, sha256=SHA256):
    """Download `address` to `target`, through a file beside it that a later try goes on with.

    Raises DownloadError where it cannot be had whole. `target` is either the right file or as it was.
    """
    part = target.with_name(target.name + ".part")
    problem = ""
    for _ in range(TRIES):
        try:
            _continue(part, address)
        except urllib.error.HTTPError as error:
            if error.code == 416:  # nothing is left to send: what is there is whole, or of another file
                problem = ""
            else:
                problem = f"the server says {error.code} {error.reason}"
                continue
        except (OSError, urllib.error.URLError) as error:
            problem = str(getattr(error, "reason", "") or error)
            continue
        if checksum(part) == sha256:
            part.replace(target)
            return
        problem = "what came is not the right file (another SHA-256)"
        part.unlink()
    kept = f" {part.name} has what came so far: the same command goes on from there." if part.exists() else ""
    raise DownloadError(
        f"{address} could not be downloaded: {problem}.{kept}\n"
        f"You can open the address in a browser and save the file as {target},\n"
        "or train on fewer digits without a network: python get_mnist.py --offline"
    )


def _continue(part, address):
    """Append to `part` what is missing of the file at `address`, and show how far it is."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        if answer.status != 206:  # the server sends the whole file
            have = 0
        length = int(answer.headers.get("Content-Length") or 0)
        total = have + length
        with part.open("ab" if have else "wb") as file:
            for piece in iter(lambda: answer.read(1 << 16), b""):
                file.write(piece)
                have += len(piece)
                show(have, total)
    print()
    if length and have < total:
        raise OSError("the connection was cut off")


def show(have, total):
    """Print a bar of how much is there, over the last one."""
    if total:
        done = int(30 * have / total)
        print(f"\r[{'#' * done}{'.' * (30 - done)}] {have / 1e6:.1f} of {total / 1e6:.1f} MB", end="", flush=True)
    else:
        print(f"\r{have / 1e6:.1f} MB", end="", flush=True)


def make_small(target, digits=FOLDER / "digits.npz"):
    """Write a file like MNIST's from small images of real digits: 8x8 pixels, enlarged to 24x24 in a frame of 28x28."""
    import numpy as np

    with np.load(digits) as data:
        images, labels = data["images"], data["labels"]
    large = np.pad(np.kron(images, np.ones((1, 3, 3), np.uint8)), ((0, 0), (2, 2), (2, 2)))
    large = np.minimum(large.astype(int) * 16, 255).astype(np.uint8)  # values from 0 to 16
    train = len(large) * 5 // 6
    np.savez_compressed(
        target, x_train=large[:train], y_train=labels[:train], x_test=large[train:], y_test=labels[train:]
    )


def main(arguments=None):
    """Make mnist.npz, and return the exit status."""
    parser = argparse.ArgumentParser(description="Downloads MNIST as mnist.npz into this folder.")
    parser.add_argument("--offline", action="store_true", help="make a small mnist.npz from the digits in digits.npz")
    options = parser.parse_args(arguments)
    target = FOLDER / "mnist.npz"
    try:
        if checksum(target) == SHA256:
            print(f"{target} is there already.")
        elif options.offline:
            make_small(target)
            print(f"{target}: 1,497 digits to train on and 300 to test with. It is not MNIST; with a network,")
            print("python get_mnist.py puts MNIST in its place.")
        else:
            download(target)
            print(f"{target}: 60,000 digits to train on and 10,000 to test with.")
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from there.")
        return 1
    except ImportError:
        print(f"NumPy is missing in this Python, {sys.executable}. Type: python -m pip install numpy", file=sys.stderr)
        return 1
    except (DownloadError, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
