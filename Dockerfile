# The grader in a container.
#
# On a laptop with macOS or Windows (or Linux):
#   docker build -t autograder .
#   docker run --rm -v "$PWD":/work autograder grade my_submission
#
# As Gradescope's own image:
#   docker build --target gradescope --build-arg BASE=gradescope/autograder-base:latest -t NAME/beras .
#
# The image holds the reference, the hidden tests and the secret: never push it to a public registry.

ARG BASE=python:3.12-slim-bookworm

# What Gradescope runs: /autograder/run_autograder. It has no entrypoint, since Gradescope's harness is one.
FROM ${BASE} AS gradescope
COPY . /autograder/source/
RUN sh /autograder/source/setup.sh && cp /autograder/source/run_autograder /autograder/run_autograder

# What people run: every command of `python -m autograder`, in the folder that is mounted at /work.
FROM ${BASE} AS laptop
COPY . /opt/autograder/
# The environment lies outside of the folder that is closed: students' code runs as another user, and reads NumPy there.
ENV AUTOGRADER_VENV=/opt/venv
RUN sh /opt/autograder/setup.sh --staff \
    && { /opt/venv/bin/python -I /opt/autograder/autograder fetch \
         || echo "MNIST could not be fetched; training uses the digits that come with the grader."; } \
    && chmod 700 /opt/autograder
WORKDIR /work
ENTRYPOINT ["/opt/venv/bin/python", "-I", "-B", "/opt/autograder/autograder"]
CMD ["--help"]
