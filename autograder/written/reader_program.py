"""A program of its own: reads a stranger's documents in a process that bounds itself, and writes what they say.

Every parser (archives, LaTeX, notebooks, PDFs, pictures) meets a stranger's bytes here and nowhere else; `reading`
starts this program and believes its output as little as the documents. Its standard input says what to do, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from autograder.base.errors import SubmissionError
from autograder.written import pdfs, questions, reader_bounds, reader_messages, submission


def main() -> None:
    """Bound this process, then do what the request asks for."""
    request = json.loads(sys.stdin.buffer.readline())
    limits = questions.Limits(**request["limits"])
    reader_bounds.bind(limits.memory_mb, int(limits.seconds), reader_messages.LARGEST)
    sys.setrecursionlimit(3_000)
    if request["mode"] == "pictures":
        output = reader_messages.pack_pictures(list(pdfs.pictures(sys.stdin.buffer.read(), limits)))
    else:
        written = questions.load(Path(request["root"])).within(limits)
        try:
            found = submission.read_here(Path(request["source"]), written, request["skipped"])
        except SubmissionError as error:
            output = reader_messages.pack_refusal(str(error))
        else:
            output = reader_messages.pack(found, with_originals=request["originals"])
    sys.stdout.buffer.write(output)


if __name__ == "__main__":
    main()
