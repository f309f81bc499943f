"""A progress bar that redraws one line of a terminal, at most once per percent."""

from __future__ import annotations

from typing import IO

WIDTH = 30


class Progress:
    """Counts up to `total` things of a kind and shows it on `out`; `out=None` shows nothing.

    On a terminal the line is redrawn in place; elsewhere (a log) every tenth percent is a line.
    """

    def __init__(self, total: int, what: str, out: IO[str] | None) -> None:
        self.total, self.what, self.out = total, what, out
        self.done = 0
        self._shown = -1
        self._every = 1 if out is not None and out.isatty() else 10

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        percent = 100 * self.done // self.total
        if self.out is not None and percent // self._every > self._shown:
            self._shown = percent // self._every
            self._draw(percent)

    def end(self) -> None:
        """Leave the line, so that what follows starts on its own."""
        if self.out is not None and self._every == 1:
            self.out.write("\n")

    def _draw(self, percent: int) -> None:
        assert self.out is not None
        full = WIDTH * percent // 100
        line = f"[{'#' * full}{'.' * (WIDTH - full)}] {percent:3d} % {self.done:,} {self.what}"
        self.out.write(f"\r{line}" if self._every == 1 else f"{line}\n")
        self.out.flush()
