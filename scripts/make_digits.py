"""Make `homework/digits.npz`, the images that come with the toolkit, from scikit-learn's UCI digits.

E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository,
1998, https://doi.org/10.24432/C50P49, licensed CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/).
scikit-learn ships its test set: 1,797 images of 8x8 pixels, values 0 to 16. It is stored unchanged.

To run it: `pip install scikit-learn` in an environment of its own, then `python scripts/make_digits.py`.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TARGET = Path(__file__).resolve().parent.parent / "homework" / "digits.npz"


def main() -> None:
    """Write the file as bytes, after a check that bytes hold all that scikit-learn's floats do."""
    images, labels = load_digits().images, load_digits().target
    whole = np.isin(images, range(17)).all() and np.isin(labels, range(10)).all()
    if images.shape != (1797, 8, 8) or labels.shape != (1797,) or not whole:
        raise SystemExit("scikit-learn's digits changed: expected 1,797 images of 8x8 pixels, 0 to 16.")
    np.savez_compressed(TARGET, images=images.astype(np.uint8), labels=labels.astype(np.uint8))
    print(f"{TARGET}: {len(images):,} images, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
