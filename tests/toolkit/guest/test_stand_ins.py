"""Stand-ins and files in memory: what stands at the top of students' files costs nobody a point, and is told when used."""

# ruff: noqa: E501  a submission's lines are easier to read as they are

import pytest

from autograder.wall.request import Ending, Request, WorkerLimits
from autograder.wall.sandbox import Sandbox

NAMES = {"forward": "call", "cross_entropy": "CategoricalCrossentropy", "sequential": "assignment"}

FIRST_LINES = {
    "a version": "import tensorflow as tf\nprint('TF', tf.__version__)\nassert int(tf.__version__.split('.')[0]) >= 2",
    "three axes": "import matplotlib.pyplot as plt\nfig, (a, b, c) = plt.subplots(1, 3)",
    "one line": "import matplotlib.pyplot as plt\n(line,) = plt.plot([1, 2])",
    "a starred target": "import matplotlib.pyplot as plt\nfirst, *rest, last = plt.plot([1, 2])",
    "arithmetic": "from sklearn.metrics import confusion_matrix\nprint(confusion_matrix([0], [0]).shape[0] + 1)",
    "a table": "import pandas as pd\ndf = pd.read_csv('x.csv')\ndf['a'] = df['b'] * 2\nx = df.to_numpy() / 255.0\nn = int(x.max())",
    "Colab's drive": "from google.colab import drive\ndrive.mount('/content/drive')",
    "an image": "import numpy as np\nfrom PIL import Image\nim = np.array(Image.open('x.png')).reshape(1, 784) / 255",
    "a NumPy expression": "import numpy as np\nimport tensorflow as tf\ny = np.ones((2, 3)) * tf.math.log(np.ones((2, 3)))\nz = np.log(y) + np.sum(y) - np.float32(3)",
    "a GPU that must be there": "import tensorflow as tf\nif tf.test.gpu_device_name() != '/device:GPU:0': raise SystemError('GPU device not found')",
    "a loop until a value": "import tensorflow as tf\nwhile tf.zeros(3) < 5: pass",
    "a loop while a window is open": "import matplotlib.pyplot as plt\nwhile plt.fignum_exists(1): plt.pause(0.1)",
    "a loop over batches": "import tensorflow as tf\nfor i, (x, y) in enumerate(tf.data.Dataset.from_tensor_slices(3).batch(2)): x + y\nwhile True:\n    try: next(tf.data.Dataset.range(3))\n    except StopIteration: break",
    "a subclass": "import tensorflow as tf\nclass Stop(tf.keras.callbacks.Callback):\n    def __init__(self, x):\n        super().__init__(x)\n        self.x = x\nStop(3).model.stop()",
    "isinstance": "import tensorflow as tf\nassert isinstance(3, (int, tf.Tensor)) and not isinstance(3, tf.Tensor)",
    "decorators": "import tensorflow as tf\n@tf.function(jit_compile=True)\ndef f(x): return x\n@tf.function\ndef g(x): return x\nassert f(3) == g(3) == 3",
    "copies and formats": "import copy, pickle, wandb\nrun = copy.deepcopy(wandb.init())\npickle.dumps(run)\nprint(f'{run.summary:.2f} {run:>10}', '%s' % run)",
    "a device": "import tensorflow as tf\nwith tf.device('/GPU:0') as device: pass",
    "a star": "from matplotlib.pyplot import *\nfigure()\nplot([1])\nshow()",
    "a window": "import tkinter as tk\nroot = tk.Tk()\nroot.title('x')\nroot.mainloop()",
    "annotations": "from dataclasses import dataclass\nfrom typing import Optional, Union\nimport numpy as np\nimport tensorflow as tf\ndef f(x: Union[np.ndarray, tf.Tensor], y: Optional[tf.Tensor] = None) -> tf.Tensor | None: pass\n@dataclass\nclass A:\n    x: tf.Tensor = None",
    "settings": "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (3, 4)\ndel plt.rcParams['x']\nax = plt.gca()\nax.x = 3\nround(max(ax.y, 3), 2), divmod(ax.y, 2), -ax.y, abs(ax.y)",
    "another data set": "import tensorflow as tf\n(x, y), (a, b) = tf.keras.datasets.cifar10.load_data()\nx.shape[0] // 32\nx = x / 255.0\nx /= 2",
    "a notebook's magic": "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')",
    "a forbidden network": "import torch\nimport torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 4)\nNet()",
    "a library that it can do without": "try:\n    import torch\n    HAS = True\nexcept ImportError:\n    HAS = False\nassert not HAS",
    "a faster NumPy": "try:\n    import cupy as np\nexcept ImportError:\n    import numpy as np\nassert np.ones(3).sum() == 3",
    # Files.
    "a folder of results": "import os\nimport numpy as np\nos.makedirs('results/plots', exist_ok=True)\nos.makedirs('results/plots', exist_ok=True)\nnp.save('results/a.npy', np.ones(3))\nassert np.load('results/a.npy').sum() == 3 and os.listdir('results') == ['a.npy', 'plots']",
    "a log": "import logging\nlogging.basicConfig(filename='train.log', level=logging.INFO)\nlogging.info('begun')\nassert 'begun' in open('train.log').read()",
    "pathlib": "from pathlib import Path\nPath('out').mkdir(parents=True, exist_ok=True)\nPath('out/x.txt').write_text('hi')\nassert Path('out').is_dir() and Path('out/x.txt').read_text() == 'hi'",
    "a checkpoint": "import os, pickle\nos.chdir(os.path.dirname(os.path.abspath(__file__)))\npickle.dump({'a': 1}, open('w.pkl', 'wb'))\nassert pickle.load(open('w.pkl', 'rb')) == {'a': 1}\nos.replace('w.pkl', 'v.pkl')\nos.remove('v.pkl')\nassert not os.path.exists('v.pkl')",
    "NumPy's other files": "import numpy as np\nnp.savez('w.npz', a=np.ones(3))\nassert np.load('w.npz')['a'].sum() == 3\nnp.savetxt('x.csv', np.ones((2, 2)), delimiter=',')\nassert np.loadtxt('x.csv', delimiter=',').sum() == 4",
    "prints to a file": "import sys\nsys.stdout = open('log.txt', 'a')\nprint('x')\nsys.stdout = sys.__stdout__\nwith open('log.txt', 'a+') as log:\n    log.write('y')\n    log.seek(0)\n    assert log.read() == 'x\\ny'",
    "more than there is room for": "import numpy as np\nnp.save('big.npy', np.zeros((60000, 784)))\nnp.save('small.npy', np.zeros(3))\nassert np.load('small.npy').size == 3",
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def loaded(assignment, sandbox):
    """`loaded(code)`: what comes of loading an assignment.py that begins so."""

    def load(code, file="assignment.py"):
        rules = assignment.rules
        request = Request(
            "modules.load", {"name": file[:-3]}, {file: code.encode()}, {}, NAMES, 1, public=True,
            forbidden=rules.forbidden, inert=rules.inert,
        )  # fmt: skip
        return sandbox.run(request, WorkerLimits(10, 2**30, 2**20))

    return load


@pytest.mark.parametrize("habit", FIRST_LINES)
def test_a_first_line_costs_nothing(loaded, habit):
    outcome = loaded(FIRST_LINES[habit])
    assert outcome.ending is Ending.ANSWERED, outcome.failure
    assert outcome.inert_uses == ()  # what is done while a file is loaded decides no row


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("open('missing.txt')", "FileNotFoundError"),
        ("import os\nos.mkdir('a')\nos.mkdir('a')", "FileExistsError"),
        ("open('a', 'w').write('x')\nopen('a', 'x')", "FileExistsError"),
        ("import os\nos.remove('a')", "FileNotFoundError"),
        ("open('a', 'rw')", "ValueError"),
        ("import numpy as np\nnp.save('b.npy', np.zeros((9000, 784)))\nnp.load('b.npy')", "OSError"),
        ("import os\nos.close(os.open('a', os.O_WRONLY | os.O_CREAT))", "PermissionError"),
    ],
)
def test_what_is_a_mistake_at_home_is_one_here(loaded, code, kind):
    outcome = loaded(code)
    assert (outcome.ending, outcome.failure.kind) == (Ending.RAISED, kind)


def test_what_one_worker_writes_no_other_sees(loaded):
    assert loaded("open('kept.txt', 'w').write('x')").ending is Ending.ANSWERED
    assert loaded("open('kept.txt').read()").failure.kind == "FileNotFoundError"


def with_line(files, file, old, new, import_line=b""):
    assert old in files[file]
    return {**files, file: import_line + files[file].replace(old, new, 1)}


LOG = b"np.log(clip_0_1(y_pred))"
INERT_USES = {
    "a function": (b"tf.math.log(clip_0_1(y_pred))", b"import tensorflow as tf\n", "TensorFlow is not there", "tf.math.log"),
    "a name of its own": (b"log(clip_0_1(y_pred))", b"from scipy.special import log_ndtr as log\n", "SciPy is not there", None),
    "a method of a result": (b"tf.constant(clip_0_1(y_pred)).numpy()", b"import tensorflow as tf\n", "TensorFlow is not there", "tf.constant"),
    "a forbidden library": (b"torch.log(clip_0_1(y_pred))", b"import torch\n", "PyTorch is not allowed", "torch.log"),
}  # fmt: skip


@pytest.mark.parametrize("use", INERT_USES)
def test_a_lost_row_says_what_the_code_took_from_a_stand_in(grade, reference_files, use):
    new, line, title, function = INERT_USES[use]
    files = with_line(reference_files, "beras/losses.py", LOG, new, line)
    document, _ = grade(files, "--only", "3.3")
    row = next(test for test in document["tests"] if "number" in test)
    assert row["score"] == 0
    assert row["output"].startswith(f"**{title}")
    assert "did nothing. Use NumPy." in row["output"]
    assert function is None or f"`{function}` at `beras/losses.py` line" in row["output"]


def test_a_plot_in_a_method_that_is_right_is_not_mentioned(grade, reference_files):
    plotting = b"        plt.plot([1])[0].set_color('red')\n        plt.show()\n        return -3 * np.mean"
    line = b"import matplotlib.pyplot as plt\n"
    files = with_line(reference_files, "beras/losses.py", b"        return -np.mean", plotting, line)
    document, _ = grade(files, "--only", "3.3")
    assert next(test for test in document["tests"] if "number" in test)["score"] == 0
    assert "Matplotlib" not in next(test for test in document["tests"] if "number" in test)["output"]


def test_predictions_that_evaluate_saves_cost_nothing(grade, reference_files):
    saving = b"np.save('predictions.npy', self(x))\n        return {"
    end = reference_files["beras/model.py"].rindex(b"return {")
    model = reference_files["beras/model.py"]
    reference_files["beras/model.py"] = model[:end] + saving + model[end + len(b"return {") :]
    document, _ = grade(reference_files, "--only", "7.6")
    assert document["score"] == next(test for test in document["tests"] if "number" in test)["max_score"] > 0


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (b"import requests_html\n", "is not there when your code is graded"),
        (b"import os\nos.open('x', os.O_CREAT | os.O_WRONLY)\n", "Files are kept in memory while your code is graded"),
    ],
)
def test_what_only_grading_lacks_is_said_with_what_to_do(grade, reference_files, code, advice):
    reference_files["beras/onehot.py"] = code + reference_files["beras/onehot.py"]
    document, _ = grade(reference_files, "--only", "6.1")
    assert advice in next(row for row in document["tests"] if row["name"] == "Files that can be loaded")["output"]
