"""A job's states and what may follow each, its bounds and its errors."""

from enum import StrEnum

from chalicelib.kernel.errors import Conflict, Invalid, NotFound


class JobState(StrEnum):
    # Its rows are still being written down.
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    # Nothing more begins; what is under way is finished first.
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    # Every row has its result, though it may be a failure.
    DONE = "DONE"
    # It can't go on: `error` says why. What was done has its results.
    FAILED = "FAILED"


OPEN = frozenset({JobState.PENDING, JobState.RUNNING, JobState.CANCELLING})
STOPPED = frozenset({JobState.CANCELLED, JobState.FAILED})


class Outcome(StrEnum):
    """What came of a row."""

    OK = "OK"
    FAILED = "FAILED"


MOST_ROWS = 10_000  # of an uploaded list
CHUNK_ROWS = 50  # what one worker takes at a time; with their fields far below an item's 400 KB
MOST_ROW_BYTES = 6_000
MOST_KEY = 128
# Workers of one job at once: a partition of DynamoDB takes 1,000 write units a second.
WORKERS = 4
# What a worker looks through for something to take: those of all other workers, and one more.
MOST_CHUNKS = 2 * WORKERS + 1
# Longer than a worker lives; one that died is waited for no longer.
BUSY_SECONDS = 330
# A row whose provider or table is out of reach is tried so often before it counts as failed.
MOST_TRIES = 5
FIRST_PAUSE_SECONDS = 15
LONGEST_PAUSE_SECONDS = 900
# A chunk whose worker died so often is worked on with a note of the row that is under way.
CRASHES = 2
KEPT_DAYS = 35
# A list that is not whole after this time never will be: the call that sent it is long over.
LOADING_SECONDS = 3_600
DAY_SECONDS = 86_400


class UnknownKind(Invalid):
    code = "UNKNOWN_JOB_KIND"


class JobNotFound(NotFound):
    code = "JOB_NOT_FOUND"


class JobEnded(Conflict):
    """It can't be cancelled: nothing of it is to come."""

    code = "JOB_ENDED"


class JobNotStopped(Conflict):
    """Only what was cancelled or could not go on is resumed."""

    code = "JOB_NOT_STOPPED"


class JobNotUndoable(Conflict):
    """Under way, a dry run, an undo itself, or of a kind that has no inverse."""

    code = "JOB_NOT_UNDOABLE"


class JobUndone(Conflict):
    """What was undone is not gone on with."""

    code = "JOB_UNDONE"


class RowCrashed(Conflict):
    """The worker died on this row, more than once."""

    code = "ROW_CRASHED"


class JobNotLoaded(Conflict):
    """The call that sent the rows never finished."""

    code = "JOB_NOT_LOADED"


def pause(tries: int) -> int:
    """Seconds until the next try, of so many that failed: 15, 30, 60 … 900."""
    return int(min(FIRST_PAUSE_SECONDS * 2 ** max(0, tries - 1), LONGEST_PAUSE_SECONDS))
