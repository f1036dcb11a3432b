"""Who handed in more than once, by Gradescope's history and by what was graded here; and the written part's points."""

import json

import pytest

from autograder.base.errors import AssignmentError
from autograder.base.people import Person
from autograder.classroom import grades, journal, resubmissions, store, written_part
from autograder.classroom.report import progress
from autograder.classroom.sources import ClassSubmission, Source, Try, open_source

EXPORT = """---
submission_1:
  :submitters:
  - :name: Ada
    :email: ada@example.edu
  :created_at: 2024-02-26 22:00:00.000000000 Z
  :score: 5.0
  :results:
    tests:
    - {number: '1.1', score: 3.0, max_score: 3.0}
    - {number: '1.2', score: 2.0, max_score: 4.0}
  :history:
  - :created_at: 2024-02-24 22:00:00.000000000 Z
    :score: 1.0
    :submitters: []
    :results:
      tests:
      - {number: '1.1', score: 0.0, max_score: 3.0, output: no}
      - {number: '1.2', score: 1.0, max_score: 4.0}
  - :created_at: 2024-02-25 22:00:00.000000000 Z
    :status: failed
submission_2:
  :submitters:
  - :name: Ray
    :email: ray@example.edu
  :created_at: 2024-02-26 22:00:00.000000000 Z
  :score: 5.0
  :history: []
"""
RESULTS = {
    "score": 5,
    "tests": [
        {"number": "1.1", "name": "Dense", "score": 3, "max_score": 3},
        {"number": "1.2", "name": "Bias", "score": 2, "max_score": 4},
    ],
    "extra_data": {"submission": "x"},
}


def room_of(tmp_path, *submissions):
    room = store.of_source(tmp_path / "out", Source("a folder", submissions))
    for entry in room.entries:
        entry.folder.mkdir(parents=True)
        (entry.folder / store.RESULTS_FILE).write_text(json.dumps(RESULTS))
    store.save(room)
    return store.load(room.folder)


def test_gradescope_s_history_gives_the_tries_that_were_graded(tmp_path):
    for name in ("submission_1", "submission_2"):
        (tmp_path / name).mkdir()
    (tmp_path / "submission_metadata.yml").write_text(EXPORT)
    with open_source(tmp_path) as source:
        ada, ray = source.submissions
    assert ada.tries == (
        Try("2024-02-24T22:00:00+00:00", 1.0, {"1.1": 0.0, "1.2": 1.0}),
        Try("2024-02-26T22:00:00+00:00", 5.0, {"1.1": 3.0, "1.2": 2.0}),
    )
    assert ray.tries == ()


def test_a_journal_s_tries_are_those_of_other_content(tmp_path):
    room = room_of(tmp_path, ClassSubmission("ada", people=(Person("Ada"),)))
    lines = [
        {"id": "ada", "digest": "a", "score": 1, "points": {"1.1": 0}},
        {"id": "ada", "digest": "a", "score": 2, "points": {"1.1": 1}},  # graded again, by other tests
        {"id": "ada", "status": "failed"},
        {"id": "ada", "digest": "b", "score": 5, "points": {"1.1": 3}},
        {"id": "ada", "digest": "a", "score": 2, "points": {"1.1": 1}},  # as it was at first
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (room.folder / journal.FILE_NAME).write_text(text + "{torn")
    assert [one.score for one in resubmissions.of_room(room)["ada"]] == [2, 5, 2]


def test_the_last_try_of_an_export_without_scores_is_what_was_graded_here(tmp_path):
    nothing, graded = Try("", 0.0), Try("", 4.0, {"1.1": 0.0, "1.2": 4.0})
    people = (Person("Ada"),)
    room = room_of(
        tmp_path,
        ClassSubmission("never", people=people, tries=(nothing, nothing)),
        ClassSubmission("last", people=people, tries=(graded, nothing)),
        ClassSubmission("both", people=people, tries=(graded, graded)),
        ClassSubmission("zero", people=people, tries=(Try("", 0.0, {"1.1": 0.0}), graded)),
    )
    found = {name: [one.score for one in tries] for name, tries in resubmissions.of_room(room).items()}
    assert found == {"last": [4, 5], "both": [4, 4], "zero": [0, 4]}
    assert resubmissions.of_room(room)["last"][-1].points == {"1.1": 3, "1.2": 2}


def test_progress_says_what_was_mended_what_is_still_lost_and_what_is_lost_since(tmp_path):
    def handed_in(name, *points):
        return ClassSubmission(name, people=(Person(name),), tries=tuple(Try("", sum(p.values()), p) for p in points))

    room = room_of(
        tmp_path,
        handed_in("ada", {"1.1": 0.0, "1.2": 1.0}, {"1.1": 3.0, "1.2": 1.0}),
        handed_in("ray", {"1.1": 3.0, "1.2": 4.0}, {"1.1": 3.0, "1.2": 0.0}),
        handed_in("cy"),
    )
    found = progress.measure(grades.read(room), resubmissions.of_room(room))
    told = {
        step.test.number: [
            step.lost,
            *([row.entry.id for row in rows] for rows in (step.fixed, step.stuck, step.broken)),
        ]
        for step in found.steps
    }
    assert told == {"1.1": [1, ["ada"], [], []], "1.2": [1, [], ["ada"], ["ray"]]}
    assert (found.first_mean, found.last_mean, found.median_tries) == (4.0, 3.5, 2)
    assert sorted(found.facets()["ada"]) == ["again", "fixed:1.1", "stuck:1.2"]
    assert progress.measure(grades.read(room), {}) is None


WRITTEN = (
    "First Name,Last Name,SID,Email,Total Score,Max Points,Status\nAda,L,B1,ada@example.edu,17.5,20,Graded\n"
    "Ray,Der,B2,ray@example.edu,,20,Missing\nNo,Body,B9,,9,20,Graded\n"
)


def test_the_written_part_is_in_every_table_beside_the_other(tmp_path):
    ada, ray = Person("Ada L", "ada@example.edu", "B1"), Person("Ray Der", "ray@example.edu", "B2")
    room = room_of(tmp_path, ClassSubmission("s1", people=(ada,)), ClassSubmission("s2", people=(ray,)))
    file = tmp_path / "written.csv"
    file.write_text(WRITTEN)
    part = written_part.of_class(room, file)
    assert (part.scores, part.most) == ({ada: 17.5}, 20)
    assert part.notes == (f"{file}, line 4: nobody in this class is called 'No Body'; these points were not used.",)
    grades.write(grades.read(room, "Beras", part), room)
    head, *lines = (room.folder / "grades.csv").read_text("utf-8-sig").splitlines()
    places = [head.split(",").index(name) for name in ("score", "written", "both parts")]
    assert [[line.split(",")[place] for place in places] for line in lines] == [["5", "17.5", "22.5"], ["5", "", "5"]]
    canvas = (room.folder / "grades-canvas.csv").read_text("utf-8-sig").splitlines()
    assert canvas[0].endswith("Section,Beras,Beras (written part)")
    assert canvas[1].endswith(",7,20")
    assert canvas[2].endswith(",5,17.5")
    assert canvas[3].endswith(",5,")


def test_written_merge_s_own_table_is_read_by_the_submission_s_name(tmp_path):
    room = room_of(tmp_path, ClassSubmission("ada", people=(Person("ada"),)))
    file = tmp_path / "written.csv"
    file.write_text("submission,1.1,written,comments\nada,4,11,\n")
    assert written_part.of_class(room, file).scores == {Person("ada"): 11}
    file.write_text("submission,name,email,written\ns7,ada; Bo,; b@example.edu,9\n")
    part = written_part.of_class(room, file)
    assert (part.scores, len(part.notes)) == ({Person("ada"): 9}, 1), "a group's points are each one's"
    group = (Person("Cy", "c@e.edu"), Person("Di", "d@e.edu"))
    both = room_of(tmp_path, ClassSubmission("submission_7", people=group))
    file.write_text("submission,written\nsubmission_7,8\n")
    part = written_part.of_class(both, file)
    assert (part.scores, part.notes) == (dict.fromkeys(group, 8.0), ()), "a submission's points are all its people's"
    file.write_text("submission,written\nada,many\n")
    with pytest.raises(AssignmentError, match=r"written\.csv, line 2: 'many' is no number of points"):
        written_part.of_class(room, file)


def test_what_the_written_part_is_worth_and_what_of_it_is_not_graded_are_taken_from_written_merge(tmp_path):
    file = tmp_path / "written.csv"
    file.write_text("submission,1.1,written,of,not graded yet\nada,3,3,39,2 3.1\nbob,3,3,39,\n")
    part = written_part.read(file, [Person(login="ada"), Person(login="bob")])
    assert part.most == 39
    assert part.notes == (f"{file}: 1 line with answers that nobody has graded yet; see 'not graded yet'.",)
