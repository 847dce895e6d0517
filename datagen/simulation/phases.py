"""Where a machine is in its timeline: in a phase in which nothing changes that its paths look at, these need no instants."""

from collections.abc import Sequence

from datagen.timeline import NEVER, Phase, Timeline, Use


class Phases:
    """The phases of a timeline, as far as what paths look at goes: between two edges of periods, or of their ramps.

    `now` is the one in which paths are walked, and `instant` one in it. As long as it is `timed`, instants decide.
    """

    def __init__(self, timeline: Timeline, uses: Sequence[Use]) -> None:
        """Take what paths look at: functions, and the names of periods."""
        self._timeline, self._uses = timeline, uses
        self.now, self.instant = Phase(NEVER, NEVER, constant=False), NEVER

    @property
    def timed(self) -> bool:
        """Return whether instants decide within the phase."""
        return not self.now.constant

    def enter(self, instant: int) -> bool:
        """Go to the phase of an instant; return whether it is another one."""
        if self.now.begin <= instant < self.now.end:
            return False
        self.now, self.instant = self._timeline.phase(instant, self._uses), instant
        return True

    def anew(self) -> "Phases":
        """Return the same phases, for another run."""
        return Phases(self._timeline, self._uses)

    def enter_instant(self, instant: int) -> None:
        """Have one instant be a phase of its own, which is timed."""
        self.now, self.instant = Phase(instant, instant + 1, constant=False), instant
