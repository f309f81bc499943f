"""The audit log's two entries around a call that changes something by permission."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from chalicelib.kernel import audit, clock, telemetry
from chalicelib.kernel.errors import ShopError
from chalicelib.kernel.web.answers import Change
from chalicelib.kernel.web.request import Request


@contextmanager
def written_down(
    module: str, view: str, request: Request, path_parameters: Mapping[str, str]
) -> Iterator[Callable[[Change | None], None]]:
    """Note that the call begins, run the block, note how it ended and what it changed.

    When the first entry can't be written the call does not happen: nothing is done unseen. When the
    second can't, the deed is done and is told so; its beginning stands in the log.
    """
    action = f"{module.split('.')[-2] if '.' in module else module}.{view}"
    target = _target(path_parameters)
    changes: list[Change | None] = []
    _record(request, action, target, audit.BEGUN)
    try:
        yield changes.append
    except Exception as error:
        code = error.code if isinstance(error, ShopError) else ShopError.code
        _try_to_record(request, action, target, code)
        raise
    change = changes[-1] if changes else None
    _try_to_record(request, action, change.target if change else target, audit.OK, change)


def _target(path_parameters: Mapping[str, str]) -> str:
    """`variant:<id>` of what the path names."""
    named = [f"{name.removesuffix('_id')}:{value}" for name, value in path_parameters.items()]
    return " ".join(named) or "-"


def _record(
    request: Request, action: str, target: str, outcome: str, change: Change | None = None
) -> None:
    audit.record(
        request.caller,
        action,
        target,
        before=change.before if change else None,
        after=change.after if change else None,
        address=request.source_ip,
        request_id=request.request_id,
        now=clock.now(),
        outcome=outcome,
    )


def _try_to_record(
    request: Request, action: str, target: str, outcome: str, change: Change | None = None
) -> None:
    try:
        _record(request, action, target, outcome, change)
    except Exception as error:
        telemetry.logger().error("the end of a call is not in the audit log", exc_info=error)
