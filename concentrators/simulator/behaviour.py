"""How one concentrator behaves (SIM-1), as a pure state machine on a given clock (SIM-3).

All times are seconds as floats on one clock that never goes back. The caller chooses the clock and its speed.
Nothing here opens a socket, sleeps or draws a random number.

Where SIM-1 leaves a choice, these rules apply:

* *At the default interval* counts from the start of the attempt that reached the service; it does not return to the
  times before the outage. So the next wake-up is due exactly when STA-2 expects it, at the last message + period.
* *Apart* counts from the start of one attempt to the start of the next, so that a slow refusal does not
  delay the retries beyond what STA-2 and STA-4 allow. Still, an attempt never begins before the last one has ended.
* The RETRY TASK is the 3 retries, or as many as are configured. When it *starts again* after 30 minutes it is 3 retries
  again. So the first round is the failed wake-up and 3 attempts, and each later round is 3 attempts. Without retries
  each round is a single attempt.
* A retry repeats the message that did not get through: a boot is repeated as a boot until it is received.
* A last gasp is sent once. There is no supply for a second attempt.
"""

from __future__ import annotations

from dataclasses import dataclass

from smmeplus.dlms.kinds import Kind

RETRIES = 3
RETRY_INTERVAL = 60.0
PAUSE = 30 * 60.0

NEVER = float("-inf")


#: An IPv4 address and a port.
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is configured in a concentrator about the messages that it sends by itself; all times are in seconds.

    ``period`` is None while wake-up is disabled. With ``last_gasp`` it announces the loss of its supply. After a
    restart it waits for up to ``random_start``. The destinations are None for the listener that the fleet is told of.
    """

    period: float | None
    last_gasp: bool = False
    retries: int = RETRIES
    retry_interval: float = RETRY_INTERVAL
    random_start: float = 0.0
    destination: Address | None = None
    last_gasp_to: Address | None = None


class Behaviour:
    """One concentrator, which is switched on at ``now`` and sends its first wake-up at once, or when chance has it.

    ``chance``, from 0 to 1, says which part of the random start that is configured it waits for.

    At ``due`` (None: nothing to send at present) it sends a message of ``kind``: the caller calls :meth:`begin`, tries
    to send, and then calls :meth:`succeeded` or :meth:`failed`; until then nothing is due. The other events,
    :meth:`power_lost`, :meth:`power_restored` and :meth:`profile_changed`, may come at any time. If the power fails or
    returns, or wake-up is disabled, an attempt under way is cut off: its outcome is ignored, and must not be passed
    on once another attempt has begun.
    """

    __slots__ = (
        *("_begun_at", "_chance", "_powered", "_reached_at", "_retries_left", "_under_way"),
        *("due", "kind", "profile"),
    )

    due: float | None
    kind: Kind
    _powered: bool
    _retries_left: int | None

    def __init__(self, profile: Profile, now: float, chance: float = 0.0) -> None:
        self.profile = profile
        self._chance = chance
        self._begun_at = self._reached_at = NEVER
        self.power_restored(now)

    @property
    def retrying(self) -> bool:
        return self._retries_left is not None

    def begin(self, now: float) -> Kind:
        """Begin the attempt that is due, and return what it sends. Raises ValueError if nothing is due."""
        if self.due is None or now < self.due:
            raise ValueError(f"Nothing is due at {now}, but at {self.due}.")
        self.due = None
        self._begun_at = now
        self._under_way = True
        if self._retries_left:
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
            round_failed = self._retries_left == 0 or not self.profile.retries
            self._retries_left = self._retries_left or self.profile.retries
            self.due = max(now, self._begun_at + (PAUSE if round_failed else self.profile.retry_interval))

    def power_lost(self, now: float) -> None:
        """The supply is gone: if the profile enables it, a last gasp is due, and then nothing."""
        if self._powered:
            self._powered = False
            self._rest()
            self.kind = Kind.LASTGASP
            self.due = now if self.profile.last_gasp else None

    def power_restored(self, now: float) -> None:
        """The concentrator restarts: a boot is due after the random start, unless wake-up is disabled."""
        self._powered = True
        self._rest()
        if self.profile.period is not None:
            self.kind = Kind.BOOT
            self.due = now + self._chance * self.profile.random_start

    def profile_changed(self, profile: Profile, now: float) -> None:
        """Another profile was written into it, valid from ``now`` on.

        A new period counts from the last message, so a wake-up that it makes overdue is sent at once. A RETRY TASK, or
        a boot that has not been received yet, goes on unchanged. Disabling wake-up ends both: when it is enabled again
        it begins with a keep-alive, because the restart is no longer news.
        """
        self.profile = profile
        if not self._powered:
            return
        if profile.period is None:
            self._rest()
        elif self.kind is Kind.KEEPALIVE and not self.retrying and not self._under_way:
            self._await_period(now)

    def _attempt_counts(self) -> bool:
        """End the attempt under way. Whether there was one, and its outcome decides what is sent next."""
        under_way, self._under_way = self._under_way, False
        return under_way and self._powered

    def _await_period(self, now: float) -> None:
        """Make the next keep-alive due: a period after the last message, but no sooner than a retry would be."""
        period = self.profile.period
        if period is not None:
            soonest = self._begun_at + min(self.profile.retry_interval, period)
            self.due = max(now, self._reached_at + period, soonest)

    def _rest(self) -> None:
        """Drop the attempt under way, the RETRY TASK and what was due."""
        self._under_way = False
        self._retries_left = None
        self.kind = Kind.KEEPALIVE
        self.due = None
