"""K-means in three functions: the smallest homework that the toolkit grades."""

from autograder.authoring import Homework

homework = Homework(
    package="kmeans",  # what students hand in
    components=("distance", "assign", "update"),  # the first tag of every hidden test
    sources=("kmeans/*.py",),
    demonstration=("not_squared",),
)
