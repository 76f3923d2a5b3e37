"""All questions that the altitude vote is judged by, in the order of the table."""

from functools import lru_cache

from host_tools.trials.ask_faults import faults
from host_tools.trials.ask_rims import rims
from host_tools.trials.ask_vehicle import of_the_vehicle
from host_tools.trials.question import Question


@lru_cache(maxsize=1)
def questions() -> tuple[Question, ...]:
    """Those that can be answered, then those that physics leaves open."""
    every = (*rims(), *faults(), *of_the_vehicle())
    return tuple(sorted(every, key=lambda question: question.accepted is None))
