"""The server's listeners (doors), the protocols that they speak, and their certificates.

`kinds.py` is a part of the instrument of every stored verdict. A kind that only new scenarios use is added here: a cell
that does not open it does not depend on it.
"""

from .kinds import KINDS, Opened, Opening


def _answers(opening: Opening) -> Opened:
    from .answers import answers_door

    return answers_door(opening.app, opening.listener)


KINDS["answers"] = _answers
