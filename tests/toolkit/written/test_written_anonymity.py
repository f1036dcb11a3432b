"""Names of those who handed in: found wherever they stand, told apart from words, and never repeated."""

import dataclasses
import importlib.util
import sys
from pathlib import Path

import pytest

from autograder.written import anonymity, naming, questions
from autograder.written.documents import Passage

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = questions.load(ROOT)


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("anonymity_benchmark", ROOT / "benchmarks" / "anonymity.py")
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def found(name, text, kind="text", **details):
    people = [anonymity.person({"name": name, **details})]
    return anonymity.findings(people, [Passage("there", text, kind)])


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("Jane Doe", "by Jane Doe", "text"),
        ("Jane Doe", "DOE, JANE", "text"),
        ("Jane Doe", "jane doe's homework", "text"),
        ("Jane Doe", "JaneDoe_hw2.pdf", "path"),
        ("Jane Doe", "hw2janedoe.tex", "path"),
        ("Jane Doe", "doe-jane", "path"),
        ("Jane Alice Doe", "Jane A. Doe", "text"),
        ("María García-López", "Garcia Lopez", "text"),
        ("Hans Müller", "MUELLER", "text"),
        ("王 伟", "作者王伟。", "text"),
        ("Jürgen Größe", "Jurgen Grosse", "text"),
        ("Łukasz Øvergård", "Lukasz", "text"),
        ("Siobhan O’Brien", "O'Brien", "text"),
        ("Siobhan O'Brien", "obrien_hw", "path"),
        ("Jane Doe", "J\u200ba\u200bn\u200be Doe", "text"),
        ("Will Young", "Will Young", "text"),
        ("Will Young", "Young, Will", "text"),
        ("Will Young", "Name: Will", "text"),
        ("Will Young", "Will", "author"),
        ("Li Wu", "Wu Li", "text"),
        ("Nguyễn Văn An", "Nguyen Van An", "text"),
        ("王小明", "我是王小明", "text"),
        ("Иван Петров", "Петров", "text"),
    ],
)
def test_a_name_is_found_however_it_is_written(name, text, kind):
    assert found(name, text, kind)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Will Young", "This will work for young models."),
        ("Will Young", "Will it work? Young models do."),
        ("Adam Newton", "Newton's method and Adam are optimizers."),
        ("Max Mean", "Max pooling takes the max, Mean pooling the mean."),
        ("Mark Long", "In the long run we mark it. Long sequences follow."),
        ("Grace Page", "Page 3 shows it with grace"),
        ("Jane Doe", "J. D., or JD, is right; janet did it"),
        ("Li Wu", "li and wu are in the list"),
        ("Ueli Meier", "as Meier et al. write"),
        ("Ann Other", "another announcement"),
    ],
)
def test_a_word_is_no_name_and_initials_are_none(name, text):
    assert found(name, text) == []


def test_addresses_logins_and_ids_are_found_and_words_like_them_are_not():
    who = {"email": "jdoe12@brown.edu", "sid": "B01234567"}
    assert found("", "jdoe12@brown.edu", **who)[0].what == "an e-mail address"
    assert found("", "jdoe12 at brown dot edu", **who)[0].what == "an e-mail address"
    assert found("", "/home/jdoe12/hw2.py", **who)[0].what == "a login"
    assert found("", "b01234567", **who)[0].what == "an id"
    assert found("", "jdoe123, B012345678", **who) == []
    assert found("", "the adam optimizer", email="adam@brown.edu") == []
    assert found("", "/home/adam/hw2.py", email="adam@brown.edu")
    assert found("", "60000 images and 123 more", sid="123") == []


def test_nobody_is_found_where_nobody_is_known():
    assert anonymity.findings([], [Passage("there", "Jane Doe")]) == []
    assert found("", "anything at all") == []


def test_names_are_blacked_out():
    who = [anonymity.person({"name": "Jane Doe", "email": "jane_doe@brown.edu"})]
    text = "I am Jane Doe (jane_doe@brown.edu). It is Jane's, in plain words."
    redacted = anonymity.redact(text, who)
    assert redacted.startswith("I am █████")
    assert redacted.endswith("It is █████'s, in plain words.")
    assert "doe" not in redacted.lower()


@pytest.fixture(scope="module")
def planted(benchmark, tmp_path_factory):
    """A hand-in for every place, and where its name was found."""
    folder = tmp_path_factory.mktemp("planted")
    return [(one, benchmark.found(one, folder, WRITTEN)) for one in benchmark.planted(25)]


def test_planted_names_are_found_in_every_place(planted):
    assert len({one.place for one, _ in planted}) == 25
    assert [(one.place, one.person["name"]) for one, findings in planted if not findings] == []


def test_no_name_is_found_where_there_is_none(benchmark, tmp_path):
    assert [one.person["name"] for one in benchmark.honest(10) if benchmark.found(one, tmp_path, WRITTEN)] == []


def test_what_is_told_of_a_place_never_holds_the_name(planted):
    for one, findings in planted:
        parts = [part for part in anonymity.fold_text(one.person["name"]).split() if len(part) > 3]
        for finding in findings:
            told = anonymity.fold_text(finding.where)
            assert not [part for part in parts if part in told.split()]
            assert one.person["login"] not in told


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Grace Young", "By Young's inequality the product is bounded."),
        ("Anna Gauss", "The Gauss-Newton method, and the Robbins–Monro conditions."),
        ("Rose Wu", "The authors, Rose et al., report it."),
        ("Ada Lovelace", "The Lovelace condition holds."),
        ("Jo Fisher", "Derived by Fisher."),
        ("May Lin", "The loss falls — May be slowly."),
        ("Peter Holm", "By Holm, the mean is smaller."),
        ("Ann Tarski", "Tarski's fixed point theorem; the Tarski distance."),
        ("Jo Okafor", "Okafor and Lindgren, 2019, and Okafor [3] show it."),
        ("Jo Okafor", "see Okafor, Linear Algebra, chapter 2"),
        ("Jo Okafor", "[1] Okafor, J., Lindgren, C.: Boosting. 2016."),
        ("Adam Lee", "- Adam\n- SGD"),
        ("Stan Ford", "A course of Stanford."),
        ("Kai Ming", "We use kaiming initialisation. Kaiming draws are wide."),
        ("Max Pool", "a maxpool layer"),
        ("Lee Gradient", "the gradient at the lee side"),
        ("Jo Descent", "each descent step, said jo"),
    ],
)
def test_what_is_called_after_people_names_nobody(name, text):
    assert anonymity.findings([anonymity.Person(name)], [Passage("the text", text)]) == []


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("Will Rose", "submitted by will rose", "text"),
        ("Ada Byron", "see /Users/ada/hw2/plot.png", "text"),
        ("Grace Young", "grace.pdf", "path"),
        ("Ada Lovelace", "It is Lovelace's work.", "text"),
        ("Grace Young", "This is Grace's homework.", "text"),
        ("Grace Young", "grace young", "text"),
        ("Grace Young", "G R A C E  Y O U N G", "text"),
        ("Grace Young", "# Author: G. Young", "text"),
        ("Grace Young", "Grace Y.", "text"),
        ("Grace Young", "Young, G.", "text"),
        ("Grace Young", "Thanks,\nGrace", "text"),
        ("Grace Young", "— Grace", "text"),
        ("Grace Young", "All of it holds. — Grace", "text"),
        ("Wei Xiang", "my repository is WeiXiang", "text"),
        ("Wei Xiang", "see weixiang_hw2", "text"),
        ("Wei Xiang", "in weixiang.pdf", "text"),
        ("Wei Xiang", "login: weixiang", "text"),
        ("Anna-Lena Kurz", "Annalena Kurz, second part", "text"),
        ("Jane Doe", "all by jane m. doe", "text"),
        ("Grace Young", "Partners: Grace, Will", "text"),
        ("Jane Doe", "jane.doe", "text"),
        ("Jane Doe", "jane@laptop:~$ python hw2.py", "text"),
        ("Jane Doe", "~jane/hw2", "text"),
        ("Jane Doe", "Microsoft Word - jane hw2.docx", "metadata"),
    ],
)
def test_bylines_paths_and_names_of_documents_name_somebody(name, text, kind):
    assert anonymity.findings([anonymity.Person(name)], [Passage("the text", text, kind)])


def test_what_the_template_cites_names_nobody():
    question = dataclasses.replace(WRITTEN.questions[0], text="Read *Why Not* (Kohavi, 1995).")
    words = naming.words_of(dataclasses.replace(WRITTEN, questions=(question,)))
    person = anonymity.person({"name": "Ada Kohavi"})
    assert anonymity.findings([person], [Passage("there", "Read Why Not (by Kohavi in 1995)")], words) == []
    assert anonymity.findings([person], [Passage("there", "It was Kohavi, Ada")], words)


def test_the_course_may_add_words_that_are_no_names():
    person, passage = anonymity.Person("Ada Softplus"), Passage("the text", "Here Softplus is smooth.")
    assert anonymity.findings([person], [passage])
    assert anonymity.findings([person], [passage], frozenset({"softplus"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "\u0410d\u0430 Lovelac\u0435",  # Cyrillic
        "\u0391da Lovela\u03f2e",  # Greek
        "\u1d00\u1d05\u1d00 \u029f\u1d0f\u1d20\u1d07\u029f\u1d00\u1d04\u1d07",  # small capitals
        "\uff21\uff44\uff41 \U0001d40bovelace",  # wide and bold
        "A\u034fda Lo\ufe0fve\u180elace",
        "Ada Love\U000e0041lace",
        "A\u2066da Lo\u3164velace",
    ],
)
def test_letters_that_look_alike_and_characters_that_do_not_show_hide_no_name(text):
    assert found("Ada Lovelace", text)
    assert "lace" not in anonymity.redact(text, [anonymity.person({"name": "Ada Lovelace"})])


@pytest.mark.parametrize(("name", "text"), [("Иван Петров", "Иван Петров"), ("Νίκος Παπάς", "ΝΊΚΟΣ ΠΑΠΆΣ")])
def test_a_name_in_another_script_is_found_in_it(name, text):
    assert found(name, text)


def test_a_part_of_a_name_that_stands_thousands_of_times_does_not_hide_the_whole_one():
    text = "Ada " * 6_000 + "and Ada Lovelace"
    assert found("Ada Lovelace", text)
