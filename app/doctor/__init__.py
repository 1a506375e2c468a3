"""`tranquera doctor`: how each part of an installation is, and what to do about what is wrong.

    installation   what kind there is here, and how its operator starts a part again
    asking         all questions at once, each with a deadline
    gathering      the questions: facts as they are, nothing judged
    judging        facts → findings: pure, so each judgement has a test of its own
    report         which questions are asked where, and the findings in order

Prefect's server is asked over plain HTTP: its client takes two seconds to import and tries again for minutes.
"""
