"""Folders that tools have filled, however many there are."""

import time

from autograder.intake import layout

REQUIRED = ("assignment.py", "beras/layers.py")


def test_an_environment_in_the_homeworks_own_folder_leaves_the_homework():
    names = ["hw/pyvenv.cfg", "hw/lib/python3.11/site-packages/x.py", "hw/beras/layers.py", "other/pyvenv.cfg"]
    assert layout.environments(names, REQUIRED) == ("hw/lib/", "other/")


def test_a_folder_within_another_is_not_named_again():
    assert layout.environments(["env/pyvenv.cfg", "env/lib/env/pyvenv.cfg"], REQUIRED) == ("env/",)


def test_four_times_the_environments_take_about_four_times_as_long():
    def seconds(count):
        names = [f"d{number}/pyvenv.cfg" for number in range(count)]
        begun = time.process_time()
        folders = set(layout.environments(names, REQUIRED))
        assert all(layout.is_within(name, folders) for name in names)
        return time.process_time() - begun

    # Quadratic, it is sixteen times as long, and many seconds.
    assert min(seconds(12_000) for _ in range(2)) < 10 * min(seconds(3_000) for _ in range(3))
