"""What the training checks can rely on about their images, wherever these come from."""

import gzip
import hashlib
import os
import threading
import tracemalloc
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignment import config
from autograder.base.errors import AssignmentError
from autograder.grading import pipeline
from homework import embedded_digits, mnist

PROJECT = Path(__file__).resolve().parents[3]
MNIST = Path(os.environ.get("AUTOGRADER_MNIST", PROJECT / "data" / "mnist"))
needs_mnist = pytest.mark.skipif(not MNIST.is_dir(), reason="no MNIST: name its folder in AUTOGRADER_MNIST")


def idx(array, *, magic=None, shape=None):
    """Return the bytes of an IDX file, whose header may lie."""
    magic = bytes([0, 0, 8, array.ndim]) if magic is None else magic
    return magic + np.array(shape or array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def some_images(count, start=0):
    return np.arange(start, start + count * 784).reshape(count, 28, 28) % 256


def some_labels(count):
    return np.arange(count) % 10


def write_four(folder, pack=lambda content: content, suffix="", mark="-"):
    """Write 30 training and 20 test images with their labels."""
    for prefix, count in (("train", 30), ("t10k", 20)):
        images, labels = some_images(count, len(prefix)), some_labels(count)
        (folder / f"{prefix}-images{mark}idx3-ubyte{suffix}").write_bytes(pack(idx(images)))
        (folder / f"{prefix}-labels{mark}idx1-ubyte{suffix}").write_bytes(pack(idx(labels)))


@pytest.fixture
def folder(tmp_path):
    """A folder of four plain IDX files."""
    write_four(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def embedded():
    return embedded_digits.load(1)


def refusal(folder):
    with pytest.raises(mnist.DataError) as refused:
        mnist.load(folder)
    return str(refused.value)


# Reading IDX files


@pytest.mark.parametrize("mark", ["-", "."])
@pytest.mark.parametrize(("pack", "suffix"), [(gzip.compress, ".gz"), (bytes, ""), (bytes, ".gz")])
def test_four_idx_files_are_read_under_each_of_their_usual_names(tmp_path, pack, suffix, mark):
    write_four(tmp_path, pack, suffix, mark)
    digits = mnist.load(tmp_path)
    np.testing.assert_array_equal(digits.train_images, some_images(30, 5))
    np.testing.assert_array_equal(digits.train_labels, some_labels(30))
    np.testing.assert_array_equal(digits.test_images, some_images(20, 4))
    np.testing.assert_array_equal(digits.test_labels, some_labels(20))
    assert digits.name == "MNIST, 30 + 20 images"
    assert digits.source == str(tmp_path)


def write_test_images_alone(folder, count):
    """Write `count` images with one dot, whose value is the image's number from 1."""
    images = np.zeros((count, 28, 28))
    images[:, 5, 7] = 1 + np.arange(count)
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(images))
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(1 + some_labels(count)[:count] % 9))


def test_test_images_alone_are_split_four_to_one_and_those_to_learn_are_set_at_five_places(tmp_path):
    write_test_images_alone(tmp_path, 50)
    digits = mnist.load(tmp_path)
    assert digits.name == "MNIST's test images alone, 200 + 10 images, 40 of them shifted"
    places = {}
    for image, label in zip(digits.train_images, digits.train_labels, strict=True):
        (row,), (column,) = image.nonzero()
        number = int(image[row, column])
        assert label == 1 + (number - 1) % 10 % 9
        places.setdefault(number, set()).add((int(row), int(column)))
    assert len(places) == 40
    assert all(found == {(5, 7), (4, 7), (6, 7), (5, 6), (5, 8)} for found in places.values())
    left = {int(image.max()) for image in digits.test_images}
    assert (digits.test_images[:, 5, 7] == digits.test_images.max(axis=(1, 2))).all()
    assert left | set(places) == set(range(1, 51))


def test_as_many_images_as_mnist_has_are_enough_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "ALL_OF_MNIST", 199)
    write_test_images_alone(tmp_path, 50)
    digits = mnist.load(tmp_path)
    assert digits.name == "MNIST's test images alone, 40 + 10 images"
    assert len(digits.train_images) == len(digits.train_labels) == 40


@needs_mnist
def test_the_genuine_test_images_are_split_in_8000_and_2000_with_every_digit_in_both():
    digits = mnist.load(MNIST)
    assert digits.train_images.shape == (40_000, 28, 28)
    assert digits.test_images.shape == (2000, 28, 28)
    assert np.bincount(digits.train_labels).min() > 3000
    assert np.bincount(digits.test_labels).min() > 150
    counts = np.bincount(digits.train_labels) // 5 + np.bincount(digits.test_labels)
    assert counts.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@needs_mnist
def test_a_right_solution_passes_at_once_on_the_genuine_test_images_alone(tmp_path):
    """Not by the luck of one of several seeds, so that no other right solution fails there."""
    own = replace(config.load(), training=replace(config.load().training, attempts=1))
    report = pipeline.grade(own.reference, tmp_path / "r.json", own, only=("9.1", "9.2"), data_folder=MNIST)
    assert {test.number: test.score for test in report.tests if test.score} == {"9.1": 6, "9.2": 6}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@given(share=st.floats(0, 1, exclude_max=True), name=st.sampled_from(["images-idx3", "labels-idx1"]))
def test_a_file_cut_short_anywhere_is_refused_by_its_name(pack, share, name):
    with TemporaryDirectory() as place:
        write_four(Path(place), pack)
        path = Path(place) / f"train-{name}-ubyte"
        whole = path.read_bytes()
        path.write_bytes(whole[: int(share * len(whole))])
        assert str(path) in refusal(Path(place))


@given(share=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_damaged_byte_in_a_gzip_never_changes_an_image(share, flip):
    with TemporaryDirectory() as place:
        write_four(Path(place), gzip.compress)
        path = Path(place) / "train-images-idx3-ubyte"
        content = bytearray(path.read_bytes())
        content[int(share * len(content))] ^= flip
        path.write_bytes(content)
        try:
            images = mnist.load(Path(place)).train_images
        except mnist.DataError as refused:
            assert str(path) in str(refused)  # noqa: PT017 - a byte that means nothing, as the time, may change
        else:
            np.testing.assert_array_equal(images, some_images(30, 5))


TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (TRAIN_IMAGES, b"<!DOCTYPE html>", "starts with [3c 21 44 4f]: expected [00 00 08 03]"),
        (TRAIN_LABELS, idx(some_images(30)), "starts with [00 00 08 03]: expected [00 00 08 01]"),
        (TRAIN_IMAGES, idx(np.zeros((30, 32, 32))), "items of shape (32, 32): expected (28, 28)"),
        (TRAIN_IMAGES, idx(some_images(30), shape=(31, 28, 28)), "23,520 bytes, expected 24,304"),
        (TRAIN_IMAGES, idx(some_images(30), shape=(29, 28, 28)), "goes on after the expected 22,736"),
        (TRAIN_LABELS, idx(some_labels(29)), "holds 29 labels: expected 30"),
        (TRAIN_LABELS, idx(some_labels(30) + 1), "the label 10: expected digits, 0 to 9"),
        (TRAIN_IMAGES, idx(some_images(1), shape=(2**32 - 1, 28, 28)), "expected 200,000,000"),
    ],
)
def test_a_file_unlike_mnists_is_refused_with_what_was_found_and_expected(folder, name, content, told):
    (folder / name).write_bytes(content)
    message = refusal(folder)
    assert str(folder / name) in message
    assert told in message
    assert "--data DIR" in message


def test_too_few_images_are_refused(tmp_path):
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(some_images(9)))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(some_labels(9)))
    assert "9 images, expected 10 or more" in refusal(tmp_path)


def test_a_gzip_that_swells_takes_no_more_memory_than_its_header_promises(folder):
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(gzip.compress(idx(some_images(30)) + bytes(50_000_000)))
    tracemalloc.start()
    try:
        assert "goes on after the expected 23,520 bytes" in refusal(folder)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("missing", [TRAIN_IMAGES, TRAIN_LABELS, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_a_missing_file_is_named(folder, missing):
    (folder / missing).unlink()
    assert f"{folder} holds no {missing}," in refusal(folder)


def test_a_folder_that_is_not_there_is_an_error_that_the_staff_can_mend(tmp_path):
    assert "is not a folder" in refusal(tmp_path / "mnits")
    assert issubclass(mnist.DataError, AssignmentError)


# The default folder


def test_without_a_folder_mnist_is_read_from_where_the_environment_says(folder, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_DATA", str(folder))
    assert mnist.default_folder() == folder
    assert mnist.load(None).name == "MNIST, 30 + 20 images"


def test_without_mnist_the_embedded_digits_are_used(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_DATA", str(tmp_path))
    name = mnist.load(None).name
    assert name == "UCI digits (36,000 + 7,500 images, as hard as MNIST's, which are not installed here)"


def test_damaged_files_in_the_default_folder_are_not_silently_replaced(folder, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_DATA", str(folder))
    (folder / TRAIN_LABELS).write_bytes(b"")
    assert str(folder / TRAIN_LABELS) in refusal(None)


# The embedded digits


def test_the_embedded_digits_hold_every_digit_equally_often(embedded):
    assert embedded.train_images.shape == (36000, 28, 28)
    assert embedded.test_images.shape == (7500, 28, 28)
    assert np.bincount(embedded.train_labels).tolist() == [3600] * 10
    assert np.bincount(embedded.test_labels).tolist() == [750] * 10


def test_every_embedded_image_spans_0_to_255(embedded):
    for images in (embedded.train_images, embedded.test_images):
        assert images.dtype == np.uint8
        assert (images.min(axis=(1, 2)) == 0).all()
        assert (images.max(axis=(1, 2)) == 255).all()


def test_every_embedded_image_is_another(embedded):
    images = np.concatenate([embedded.train_images, embedded.test_images])
    assert len({image.tobytes() for image in images}) == len(images)


def test_no_original_is_in_both_parts(monkeypatch):
    monkeypatch.setattr(embedded_digits, "_multiply", lambda images, labels, *_: (images, labels))
    digits = embedded_digits.load(1)
    train, test = ({image.tobytes() for image in part} for part in (digits.train_images, digits.test_images))
    assert (len(train), len(test)) == (1440, 300)
    assert not train & test


def test_the_embedded_digits_are_the_same_on_every_machine(embedded):
    arrays = embedded.train_images, embedded.train_labels, embedded.test_images, embedded.test_labels
    assert [hashlib.sha256(array.tobytes()).hexdigest()[:16] for array in arrays] == SHA256


SHA256 = ["bc9ba04e2c8633b5", "5cac97a8db57ce5a", "c19ab6a8b328ab49", "76578afcf40ad1f0"]


def trained(digits, hidden, epochs, rate=0.002, batch=100):
    """Return the best test accuracy, after any epoch, of a plain network with `hidden` units; 0: it is linear."""
    rng = np.random.Generator(np.random.PCG64(1))
    x, test = (images.reshape(-1, 784) / np.float32(255) for images in (digits.train_images, digits.test_images))
    sizes = [784, hidden, 10] if hidden else [784, 10]
    weights = [rng.normal(size=size) * (2 / size[0]) ** 0.5 for size in pairwise(sizes)]
    weights = [np.vstack([weight, np.zeros(weight.shape[1])]).astype(np.float32) for weight in weights]
    moments = [(np.zeros_like(weight), np.zeros_like(weight)) for weight in weights]

    def forward(rows):
        values = [np.hstack([rows, np.ones((len(rows), 1), np.float32)])]
        for weight in weights[:-1]:
            values.append(np.maximum(values[-1] @ weight, 0))
            values[-1] = np.hstack([values[-1], np.ones((len(rows), 1), np.float32)])
        return [*values, values[-1] @ weights[-1]]

    best, step = 0.0, 0
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for rows in (order[start : start + batch] for start in range(0, len(x), batch)):
            *values, logits = forward(x[rows])
            exps = np.exp(logits - logits.max(axis=1, keepdims=True))
            upstream = exps / exps.sum(axis=1, keepdims=True)
            upstream[np.arange(len(rows)), digits.train_labels[rows]] -= 1
            step += 1
            for number in reversed(range(len(weights))):
                gradient = values[number].T @ upstream / len(rows)
                upstream = ((upstream @ weights[number].T) * (values[number] > 0))[:, :-1]
                first, second = moments[number]
                first += 0.1 * (gradient - first)
                second += 0.001 * (gradient**2 - second)
                scaled = np.sqrt(second / (1 - 0.999**step)) + 1e-7
                weights[number] -= (rate / (1 - 0.9**step) * first / scaled).astype(np.float32)
        best = max(best, float((forward(test)[-1].argmax(axis=1) == digits.test_labels).mean()))
    return best


def test_a_linear_model_stays_at_93_percent_and_a_hidden_layer_reaches_97(embedded):
    """As on MNIST: without that the target of 95 % would say nothing of the hidden layer's gradients."""
    assert 0.88 < trained(embedded, hidden=0, epochs=4) <= 0.93
    assert trained(embedded, hidden=100, epochs=5) >= 0.97


def test_another_seed_makes_other_images_of_the_same_originals(embedded):
    other = embedded_digits.load(2)
    known = {image.tobytes() for image in embedded.test_images}
    assert not known & {image.tobytes() for image in other.test_images}
    assert np.bincount(other.test_labels).tolist() == np.bincount(embedded.test_labels).tolist()


def test_the_embedded_digits_are_made_in_little_more_memory_than_they_take():
    tracemalloc.start()
    try:
        digits = embedded_digits.load(3)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.3 * (digits.train_images.nbytes + digits.test_images.nbytes)


def test_every_batch_of_256_holds_every_digit(embedded):
    batches = embedded.train_labels[: 140 * 256].reshape(140, 256)
    assert [len(set(batch)) for batch in batches] == [10] * 140


def test_the_source_of_the_embedded_digits_names_authors_and_licence(embedded):
    for word in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0"):
        assert word in embedded.source


def test_whoever_grades_cannot_change_the_images_for_the_next(folder, embedded):
    for digits in (embedded, mnist.load(folder)):
        with pytest.raises(ValueError, match="read-only"):
            digits.train_images[0] = 0


# Fetching


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Serve folders over loopback: serve({name: content}) -> its URL."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = {}

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Keep the tests' output to the tests."""

    def start(files):
        place = tmp_path / f"mirror{len(servers)}"
        place.mkdir()
        for name, content in files.items():
            (place / name).write_bytes(content)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(place)))
        servers[server] = threading.Thread(target=server.serve_forever, args=(0.01,))
        servers[server].start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server, thread in servers.items():
        server.shutdown()
        server.server_close()
        thread.join()


FILES = {
    "t10k-images-idx3-ubyte.gz": gzip.compress(idx(some_images(20)), mtime=0),
    "t10k-labels-idx1-ubyte.gz": gzip.compress(idx(some_labels(20)), mtime=0),
}
CHECKSUMS = {name: hashlib.md5(content).hexdigest() for name, content in FILES.items()}
IMAGES, LABELS = FILES
NOWHERE = "http://127.0.0.1:9/"  # discard's port: nothing listens


def test_what_is_fetched_can_be_loaded(tmp_path, serve):
    told = []
    mnist.fetch(tmp_path / "a" / "b", told.append, mirrors=[serve(FILES)], checksums=CHECKSUMS)
    assert len(mnist.load(tmp_path / "a" / "b").test_images) == 4
    assert [line.split(":")[0] for line in told] == [IMAGES, LABELS]


def test_a_mirror_that_is_down_lacks_a_file_or_corrupts_it_is_passed_over(tmp_path, serve):
    corrupting = serve({IMAGES: FILES[IMAGES][:-1], LABELS: FILES[LABELS] + b"!"})
    mirrors = [NOWHERE, serve({}), corrupting, serve(FILES)]
    told = []
    mnist.fetch(tmp_path / "new", told.append, mirrors=mirrors, checksums=CHECKSUMS)
    assert {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()} == FILES
    assert len(told) == 2 * 4
    assert "404" in told[1]
    assert "MD5" in told[2]


def test_where_all_mirrors_fail_each_is_named_and_nothing_is_left_behind(tmp_path, serve):
    corrupting = serve({IMAGES: b"<html>log in to this network</html>"})
    with pytest.raises(mnist.DataError) as refused:
        mnist.fetch(tmp_path / "new", lambda _: None, mirrors=[NOWHERE, corrupting], checksums=CHECKSUMS)
    for word in (f"{NOWHERE}{IMAGES}", f"{corrupting}{IMAGES}", "--data DIR", "digits that come with"):
        assert word in str(refused.value)
    assert not (tmp_path / "new").exists()


def test_after_a_fetch_that_broke_off_grading_goes_on_with_the_embedded_digits(tmp_path, serve, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_DATA", str(tmp_path / "new"))
    with pytest.raises(mnist.DataError, match=LABELS):
        mnist.fetch(tmp_path / "new", lambda _: None, mirrors=[serve({IMAGES: FILES[IMAGES]})], checksums=CHECKSUMS)
    assert mnist.load(None).name.startswith("UCI digits")


def test_the_two_files_that_tell_a_whole_fetch_are_fetched_last():
    assert list(mnist.CHECKSUMS)[-2:] == [IMAGES, LABELS]


def test_what_is_already_there_whole_is_not_fetched_again(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    told = []
    mnist.fetch(tmp_path, told.append, mirrors=[], checksums=CHECKSUMS)
    assert told == [f"{IMAGES}: already there", f"{LABELS}: already there"]


def test_what_is_there_but_damaged_is_replaced(tmp_path, serve):
    (tmp_path / LABELS).write_bytes(FILES[LABELS][:10])
    mnist.fetch(tmp_path, lambda _: None, mirrors=[serve(FILES)], checksums=CHECKSUMS)
    assert (tmp_path / LABELS).read_bytes() == FILES[LABELS]


def test_a_folder_that_cannot_be_made_is_told(tmp_path, serve):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(mnist.DataError, match="cannot be written"):
        mnist.fetch(tmp_path / "file", lambda _: None, mirrors=[serve(FILES)], checksums=CHECKSUMS)


@needs_mnist
def test_the_published_checksums_are_those_of_the_genuine_files():
    genuine = {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in MNIST.glob("*.gz")}
    assert genuine
    assert genuine.items() <= mnist.CHECKSUMS.items()
