"""How students get MNIST: a download that goes on where it broke off, checked; and digits without a network."""

import hashlib
import http.server
import importlib.util
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

TEMPLATE = Path(__file__).resolve().parents[3] / "student_template"
CONTENT = np.random.default_rng(0).bytes(300_000)
RIGHT = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT at every path: "/cut" breaks off in the middle of the first answer, "/whole" knows no ranges."""

    asked: list[str] = []  # noqa: RUF012  one server a test

    def do_GET(self):
        start = 0
        wanted = self.headers.get("Range", "")
        type(self).asked.append(wanted)
        if self.path == "/missing":
            self.send_error(404)
            return
        content = b"another file" if self.path == "/other" else CONTENT
        if wanted and self.path != "/whole":
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut = self.path == "/cut" and len(type(self).asked) < 3
        self.wfile.write(content[start : start + 100_000] if cut else content[start:])

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture
def address():
    """Return the address of a local server."""
    handler = type("OneServer", (Server,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield lambda path: f"http://127.0.0.1:{server.server_port}{path}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def get_mnist():
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("get_mnist", TEMPLATE / "get_mnist.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", ["/fine", "/whole", "/cut"])
def test_the_file_is_whole_in_the_end(get_mnist, address, tmp_path, capsys, path):
    get_mnist.download(tmp_path / "mnist.npz", address(path), RIGHT)
    assert (tmp_path / "mnist.npz").read_bytes() == CONTENT
    assert [file.name for file in tmp_path.iterdir()] == ["mnist.npz"]
    assert "[##############################] 0.3 of 0.3 MB" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["/fine", "/whole"])
@pytest.mark.parametrize("there", [1000, len(CONTENT)])
def test_a_later_try_goes_on_where_the_first_stopped(get_mnist, address, tmp_path, path, there):
    (tmp_path / "mnist.npz.part").write_bytes(CONTENT[:there])
    get_mnist.download(tmp_path / "mnist.npz", address(path), RIGHT)
    assert (tmp_path / "mnist.npz").read_bytes() == CONTENT


def test_what_is_left_of_another_file_is_thrown_away(get_mnist, address, tmp_path):
    (tmp_path / "mnist.npz.part").write_bytes(b"rubbish")
    get_mnist.download(tmp_path / "mnist.npz", address("/fine"), RIGHT)
    assert (tmp_path / "mnist.npz").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "why"), [("/other", "not the right file"), ("/missing", "the server says 404"), ("closed", "refused")]
)
def test_a_failure_says_why_and_what_to_do(get_mnist, address, tmp_path, path, why):
    (tmp_path / "mnist.npz").write_bytes(b"the old one")
    where = "http://127.0.0.1:9/mnist.npz" if path == "closed" else address(path)
    with pytest.raises(get_mnist.DownloadError) as raised:
        get_mnist.download(tmp_path / "mnist.npz", where, RIGHT)
    assert why in str(raised.value)
    assert "python get_mnist.py --offline" in str(raised.value)
    assert (tmp_path / "mnist.npz").read_bytes() == b"the old one"


def test_without_a_network_there_are_real_digits(get_mnist, tmp_path):
    get_mnist.make_small(tmp_path / "mnist.npz")
    with np.load(tmp_path / "mnist.npz") as data:
        images, labels = data["x_train"], data["y_train"]
        assert images.dtype == labels.dtype == np.uint8
        assert images.shape == (1497, 28, 28)
        assert data["x_test"].shape == (300, 28, 28)
        assert (images.min(), images.max()) == (0, 255)
        assert set(labels) == set(data["y_test"]) == set(range(10))


def test_half_a_file_is_told_with_what_gets_it_again(tmp_path):
    for name in ("preprocess.py", "beras"):
        (tmp_path / name).symlink_to(TEMPLATE / name)
    (tmp_path / "mnist.npz").write_bytes((TEMPLATE / "digits.npz").read_bytes()[:2000])
    code = "import preprocess; preprocess.MNIST_FILE = preprocess.Path('mnist.npz'); preprocess.load_mnist()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "ValueError: mnist.npz is damaged or only half there." in done.stderr
    assert "python get_mnist.py" in done.stderr


def test_a_student_without_anything_is_told_what_to_do(tmp_path):
    for name in ("preprocess.py", "beras"):
        (tmp_path / name).symlink_to(TEMPLATE / name)
    code = "import sys; sys.modules['tensorflow'] = None; import preprocess; preprocess.load_mnist()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "FileNotFoundError: There is no " in done.stderr
    assert "python get_mnist.py              downloads MNIST (11 MB)" in done.stderr
    assert "python get_mnist.py --offline" in done.stderr
