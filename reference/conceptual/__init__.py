"""The conceptual part's solution: its answers, and for each claim a small, exact demonstration on Beras.

python -m reference.conceptual              run all, and write the solution as a notebook and as LaTeX
python -m reference.conceptual --figures    draw the figures that the questions show
"""

import sys
from pathlib import Path

# Beras is imported as students import it: from its own folder.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
