"""How one concentrator behaves (SIM-1), as a pure state machine on a given clock (SIM-3).

All times are seconds as floats on one clock that never goes back; which clock, and how fast it runs, is
the caller's affair. Nothing here opens a socket, sleeps or draws a random number.

Where SIM-1 leaves a choice, this is what holds here:

* *At the default interval* counts from the start of the attempt that reached the service, not on the
  grid of before the outage: the next wake-up is then due exactly when STA-2 expects it, at the last
  message + period.
* *Apart* counts from the start of one attempt to the start of the next, so that a slow refusal does not
  stretch the retries beyond what STA-2 and STA-4 allow for them. An attempt still never begins before the
  one before it has ended.
* The RETRY TASK is the 3 retries. When it *starts again* after 30 minutes these are 3 retries again, so a
  first round is the failed wake-up and 3 attempts, and each later round 3 attempts.
* A retry repeats the message that did not get through: a boot stays a boot until it is told.
* A last gasp is sent once. There is no supply for a second attempt.
"""

from __future__ import annotations

from dataclasses import dataclass

from smmeplus.dlms.kinds import Kind

RETRIES = 3
RETRY_INTERVAL = 60.0
PAUSE = 30 * 60.0

NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a concentrator is told about the messages that it sends by itself.

    ``period`` is in seconds, None while wake-up is disabled; ``last_gasp`` says whether it announces the
    loss of its supply.
    """

    period: float | None
    last_gasp: bool = False


class Behaviour:
    """One concentrator, which switches on at ``now`` and then sends its first wake-up at once.

    At ``due`` (None: nothing to send as things stand) it wants to send a message of ``kind``. The caller
    then calls :meth:`begin`, tries to send, and says :meth:`succeeded` or :meth:`failed`; meanwhile nothing
    is due. What befalls the concentrator may be told at any time: :meth:`power_lost`,
    :meth:`power_restored`, :meth:`profile_changed`. Power that fails or returns, and wake-up being disabled,
    cut off an attempt under way: its outcome is then ignored, and must not be told once another has begun.
    """

    __slots__ = ("_begun_at", "_powered", "_reached_at", "_retries_left", "_under_way", "due", "kind", "profile")

    due: float | None
    kind: Kind
    _powered: bool
    _retries_left: int | None

    def __init__(self, profile: Profile, now: float) -> None:
        self.profile = profile
        self._begun_at = self._reached_at = NEVER
        self.power_restored(now)

    @property
    def retrying(self) -> bool:
        """Whether the RETRY TASK runs, so that the next attempt is a retry."""
        return self._retries_left is not None

    def begin(self, now: float) -> Kind:
        """Begin the attempt that is due and say what it sends. Raises ValueError while nothing is due."""
        if self.due is None or now < self.due:
            raise ValueError(f"Nothing is due at {now}, but at {self.due}.")
        self.due = None
        self._begun_at = now
        self._under_way = True
        if self._retries_left is not None:
            self._retries_left -= 1
        return self.kind

    def succeeded(self, now: float) -> None:
        """The attempt reached the service: the RETRY TASK stops, wake-ups go on at the default interval."""
        if self._attempt_counts():
            self._reached_at = self._begun_at
            self._retries_left = None
            self.kind = Kind.KEEPALIVE
            self._await_period(now)

    def failed(self, now: float) -> None:
        """The attempt did not reach the service: the RETRY TASK starts, goes on, or pauses and starts again."""
        if self._attempt_counts():
            round_failed = self._retries_left == 0
            self._retries_left = self._retries_left or RETRIES
            self.due = max(now, self._begun_at + (PAUSE if round_failed else RETRY_INTERVAL))

    def power_lost(self, now: float) -> None:
        """The supply is gone: a last gasp is due where the profile has it enabled, and then nothing."""
        if self._powered:
            self._powered = False
            self._rest()
            self.kind = Kind.LASTGASP
            self.due = now if self.profile.last_gasp else None

    def power_restored(self, now: float) -> None:
        """The concentrator restarts: a boot is due at once, unless wake-up is disabled."""
        self._powered = True
        self._rest()
        if self.profile.period is not None:
            self.kind = Kind.BOOT
            self.due = now

    def profile_changed(self, profile: Profile, now: float) -> None:
        """Another profile was written into it, which holds from ``now`` on.

        A new period counts from the last message, so what it makes overdue is sent at once. A RETRY TASK or
        a boot that is still to be told goes on as it was. Disabling wake-up ends both: enabled again, it begins
        with a keep-alive, because the news of the restart is old by then.
        """
        self.profile = profile
        if not self._powered:
            return
        if profile.period is None:
            self._rest()
        elif self.kind is Kind.KEEPALIVE and not self.retrying and not self._under_way:
            self._await_period(now)

    def _attempt_counts(self) -> bool:
        """End the attempt under way; whether there was one whose outcome decides what is sent next."""
        under_way, self._under_way = self._under_way, False
        return under_way and self._powered

    def _await_period(self, now: float) -> None:
        """Make the next keep-alive due: a period after the last message, yet no sooner than a retry would be."""
        if self.profile.period is not None:
            self.due = max(now, self._reached_at + self.profile.period, self._begun_at + RETRY_INTERVAL)

    def _rest(self) -> None:
        """Drop the attempt under way, the RETRY TASK and what was due."""
        self._under_way = False
        self._retries_left = None
        self.kind = Kind.KEEPALIVE
        self.due = None
