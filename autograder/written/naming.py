"""Where a hand-in names those who handed it in, and what of that costs points."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.written.anonymity import Finding, Person, findings, fold_text
from autograder.written.questions import Written
from autograder.written.submission import OWN_NAME, WrittenSubmission


@dataclass(frozen=True)
class Named:
    """The places of names: `costly` ones, and `unchosen` ones, which a program or a platform filled in.

    A file that comes alone is often called by a platform or by the staff, and who packs a tar does not see that the
    account is in it: these places are told, and cost nothing.
    """

    costly: tuple[Finding, ...]
    unchosen: tuple[Finding, ...]

    @property
    def own_name(self) -> bool:
        """Whether the name of the file itself has one."""
        return any(finding.where == OWN_NAME for finding in self.unchosen)


def find_names(submission: WrittenSubmission, people: Iterable[Person], written: Written) -> Named:
    """Return where `submission` names any of `people`."""
    passages = [*submission.passages, *(one for document in submission.documents for one in document.passages)]
    people = list(people)
    unchosen = [passage for passage in passages if passage.unchosen]
    rest = [passage for passage in passages if not passage.unchosen]
    common = words_of(written)
    return Named(tuple(findings(people, rest, common)), tuple(findings(people, unchosen, common)))


def words_of(written: Written) -> frozenset[str]:
    """Return the words that alone are nobody's name: the course's, and all that the template itself says.

    A question that cites a paper names its authors in everybody's hand-in.
    """
    texts = [written.title, written.intro]
    texts += [text for one in written.questions for text in (one.title, one.text, one.code.starter if one.code else "")]
    texts += [audience.title for audience in written.audiences.values()]
    return written.common | frozenset(re.findall(r"[^\W\d_]+", fold_text(" ".join(texts))))
