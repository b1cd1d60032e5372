"""Before decisions are measured: all contestants give the right ones."""

import sys
from collections.abc import Sequence

from bench.decisions.libraries import Library
from bench.decisions.wire import BATCH, MANY, ONE, Caller, evaluation
from bench.decisions.world import DecisionWorld, Question
from bench.servers import Server


def check_server(server: Server, world: DecisionWorld, questions: Sequence[Question]) -> None:
    """End the program at the first answer that is not the right one."""
    documents = [evaluation(world, question) for question in questions]
    for token in (None, "mlsn." + "0" * 64):
        for path, document in ((ONE, documents[0]), (MANY, {"evaluations": documents[:2]})):
            status, _, _ = Caller(server, token)("POST", path, document)
            if status != 401:
                sys.exit(f"{server.name} answered {path} with token {token} with {status}")
    caller = Caller(server, world.token)
    for place in range(0, len(documents), BATCH):
        asked, portion = questions[place : place + BATCH], documents[place : place + BATCH]
        status, document, _ = caller("POST", MANY, {"evaluations": portion})
        if status != 200:
            sys.exit(f"{server.name} answered {MANY} with {status}: {document}")
        _compare(server.name, world, asked, [one["decision"] for one in document["evaluations"]])
    for question, asked_for in zip(questions, documents, strict=True):
        status, document, _ = caller("POST", ONE, asked_for)
        if status != 200 or not document["context"]["reason"]:
            sys.exit(f"{server.name} answered {ONE} with {status}: {document}")
        _compare(server.name, world, [question], [document["decision"]])


def check_library(library: Library, world: DecisionWorld, questions: Sequence[Question]) -> None:
    """End the program at the first answer that is not the right one."""
    for batch in (1, BATCH):
        _compare(library.name, world, questions, library.answers("check", batch))


def _compare(
    name: str, world: DecisionWorld, questions: Sequence[Question], answers: Sequence[bool]
) -> None:
    if len(answers) != len(questions):
        sys.exit(f"{name} gave {len(answers)} answers to {len(questions)} questions")
    for question, answer in zip(questions, answers, strict=True):
        if answer is not world.right_answer(question):
            grant = world.grant(question.user)
            sys.exit(f"wrong answer of {name}: {answer} to {question}; the grant is {grant}")
