"""Where a machine is in its timeline: in a phase in which nothing changes that its paths look at, these need no instants."""

from collections.abc import Sequence

from datagen.timeline import NEVER, Phase, Timeline, Use

_MANY = 1000  # phases among which a quiet one is looked for
_SOME = 16  # phases that are looked at, to know how short they are


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

    def enter(self, instant: int, least: int = 0, span: int = 1) -> bool:
        """Go to the phase of an instant; return whether it is another one.

        Where phases are shorter than `least` on average, a span of time is a phase instead, and timed.
        """
        if self.now.begin <= instant < self.now.end:
            return False
        self.now, self.instant = self._timeline.phase(instant, self._uses), instant
        if self._are_shorter(instant, least):
            self.now = Phase(instant, instant + span, constant=False)
        return True

    def _are_shorter(self, instant: int, least: int) -> bool:
        """Return whether the next phases are shorter than a length on average."""
        reached = instant
        for _ in range(_SOME):
            reached = self._timeline.phase(reached, self._uses).end
            if reached - instant >= _SOME * least:
                return False
        return True

    def enter_quiet(self, instant: int, until: int) -> bool:
        """Go to the first phase between two instants in which no period is on, nor a ramp of it; return whether there is one."""
        for _ in range(_MANY):
            phase = self._timeline.phase(instant, self._uses)
            if phase.constant and all(self._is_off(use, instant) for use in self._uses):
                self.now, self.instant = phase, instant
                return True
            instant = phase.end
            if instant >= until:
                break
        return False

    def _is_off(self, use: Use, instant: int) -> bool:
        function, name = use
        ramps = function == "ramp" and self._timeline.ramp_at(name, instant) > 0
        return not ramps and not self._timeline.during_at(name, instant)

    def anew(self) -> "Phases":
        """Return the same phases, for another run."""
        return Phases(self._timeline, self._uses)

    def enter_instant(self, instant: int) -> None:
        """Have one instant be a phase of its own, which is timed."""
        self.now, self.instant = Phase(instant, instant + 1, constant=False), instant
