"""Which outages are one incident (STA-5). Pure: outages go in, in the order of their noticing, and groups come out.

A place holds an incident if so many of its concentrators, and such a share of it, may have gone dark within the same
few minutes. When each of them did is known as an interval (``Sighting``), so that is a question of how many intervals
touch one window. Of the places that meet the rule the widest is the incident. What was noticed later joins an open
incident of its place if its interval fits; what does not fit may meet the rule anew.

Each outage is looked at once, with what was known when it was noticed. So it does not matter how many are worked off
at a time, nor whether that was interrupted: the same outages give the same incidents.

To count at each outage anew would take too long while a whole country goes dark. One more outage can raise the highest
count by one at most, so each place has an upper bound, and is counted only when that reaches the threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from wakeup.monitoring.incidents.groups import Group, Rule, Sighting
from wakeup.monitoring.incidents.places import Place

_NO_PLACE = -1


class Span(NamedTuple):
    """The windows, by their beginnings, that a concentrator's interval touches."""

    begin: datetime
    end: datetime
    concentrator: int


def densest(spans: Sequence[Span]) -> tuple[int, datetime]:
    """How many concentrators touch one window at most, and where the first such window begins. O(n log n).

    Of one concentrator each span counts once, however often it went dark. Raises IndexError without any.
    """
    if len({span.concentrator for span in spans}) < len(spans):
        spans = _merged(spans)
    begins, ends = sorted(span.begin for span in spans), sorted(span.end for span in spans)
    most, where, over = 0, begins[0], 0
    for number, begin in enumerate(begins, 1):
        while ends[over] < begin:
            over += 1
        if number - over > most:
            most, where = number - over, begin
    return most, where


def _merged(spans: Sequence[Span]) -> list[Span]:
    """One span where several of the same concentrator touch."""
    found: dict[int, list[Span]] = defaultdict(list)
    for span in sorted(spans):
        of_one = found[span.concentrator]
        if of_one and span.begin <= of_one[-1].end:
            of_one[-1] = of_one[-1]._replace(end=max(of_one[-1].end, span.end))
        else:
            of_one.append(span)
    return [span for of_one in found.values() for span in of_one]


def _shared(spans: Iterable[Span], other: Span) -> Iterator[Span]:
    """The parts of ``spans`` that lie in ``other``."""
    for span in spans:
        begin, end = max(span.begin, other.begin), min(span.end, other.end)
        if begin <= end:
            yield Span(begin, end, span.concentrator)


class _Site:
    """What is known of a place.

    ``sightings`` are the outages that no incident of it, or of a wider place, explains; ``bound`` is as said above.
    ``hidden`` are those of which nothing can be heard because of their carrier.
    """

    __slots__ = ("bound", "group", "hidden", "place", "rank", "rule", "sightings", "size")

    def __init__(self, place: Place, size: int, rule: Rule) -> None:
        self.place, self.rank, self.size, self.rule = place, place.rank, size, rule
        self.group: Group | None = None
        self.sightings: list[Sighting] = []
        self.hidden: list[Sighting] = []
        self.bound = 0

    def threshold(self, at: datetime) -> int:
        """Whoever is hidden by its carrier says nothing about its feeder."""
        hidden = len({one.concentrator for one in self.hidden if not one.has_ended(at)}) if self.hidden else 0
        return self.rule.threshold(max(self.size - hidden, 0))

    def add(self, one: Sighting) -> None:
        self.sightings.append(one)
        self.bound += 1

    def tidy(self) -> None:
        """Leave out what an incident of this place or of a wider one explains meanwhile."""
        self.sightings = [one for one in self.sightings if _rank_of(one) < self.rank]

    def spans(self) -> list[Span]:
        return [self.span(one) for one in self.sightings]

    def span(self, one: Sighting) -> Span:
        """A member of the incident of a narrower place went dark when that did."""
        earliest, latest = one.earliest, one.latest
        if one.group is not None and earliest < latest:
            begin, end = one.group.root.window
            earliest, latest = max(earliest, min(begin, latest)), min(latest, max(end, earliest))
        return Span(earliest - self.rule.window, latest, one.concentrator)

    def count(self) -> None:
        """Of all windows."""
        self.tidy()
        self.bound = densest(self.spans())[0] if self.sightings else 0

    def met(self, one: Sighting) -> datetime | None:
        """Where the first window begins that most touch, of those that ``one`` touches, if the place meets the rule."""
        threshold = self.threshold(one.noticed)
        if self.bound < threshold:
            return None
        self.count()
        if self.bound < threshold:
            return None
        most, where = densest(list(_shared(self.spans(), self.span(one))))
        return where if most >= threshold else None


class Grouping:
    """``sizes`` says how many concentrators a place has; ``groups`` are those that may take members, the oldest first.

    ``known`` are outages that have been looked at before and may matter: those that lasted, or may have begun, since
    the earliest that is to come.
    """

    def __init__(
        self, rule: Rule, sizes: Mapping[Place, int], groups: Iterable[Group] = (), known: Iterable[Sighting] = ()
    ) -> None:
        self._rule, self._sizes = rule, sizes
        self._sites: dict[Place, _Site] = {}
        self._of_places: dict[tuple[Place, ...], tuple[_Site, ...]] = {}
        self.groups: list[Group] = []
        for group in groups:
            self._keep(group)
        for one in known:
            self._remember(one)

    def take(self, sightings: Iterable[Sighting]) -> None:
        """Look at ``sightings``, which are new, in the order in which they were noticed."""
        for one in sorted(sightings, key=attrgetter("noticed", "key")):
            if one.is_hidden:
                self._take_hidden(one)
            else:
                self._take(one)

    def _site(self, place: Place) -> _Site:
        site = self._sites.get(place)
        if site is None:
            site = self._sites[place] = _Site(place, self._sizes.get(place, 0), self._rule)
        return site

    def _sites_of(self, one: Sighting) -> tuple[_Site, ...]:
        """Those of its places, the widest first."""
        sites = self._of_places.get(one.places)
        if sites is None:
            sites = self._of_places[one.places] = tuple(self._site(place) for place in one.places)
        return sites

    def _keep(self, group: Group) -> None:
        group.number = len(self.groups)
        self.groups.append(group)
        self._site(group.place).group = group

    def _remember(self, one: Sighting) -> None:
        """Of what is hidden none counts for its places, whether it is a member of an incident of them or not."""
        sites, rank = self._sites_of(one), _rank_of(one)
        if not one.is_hidden:
            for site in sites:
                if site.rank > rank:
                    site.add(one)
        elif one.group is None or one.group.root.place.carrier:
            sites[-1].hidden.append(one)

    def _take(self, one: Sighting) -> None:
        sites = self._sites_of(one)
        group = self._fitting(sites, one)
        if group is not None:
            group.join(one, one.noticed, self._rule.window)
        rank = _rank_of(one)
        for site in sites:
            if site.rank <= rank:
                return
            site.add(one)
            where = site.met(one)
            if where is not None:
                self._gather(site, where, one.noticed)
                rank = _rank_of(one)

    def _fitting(self, sites: Iterable[_Site], one: Sighting, *, of_power: bool = False) -> Group | None:
        """The incident of the widest of its places that ``one`` fits."""
        for site in sites:
            group = site.group
            if group is None or not group.takes_members(one.noticed) or (of_power and not group.is_power):
                continue
            if group.fits(one, self._rule.window):
                return group
        return None

    def _take_hidden(self, one: Sighting) -> None:
        """Its carrier is to blame, unless its place was known to be without power at that time."""
        group = self._fitting(self._sites_of(one), one, of_power=True)
        place = Place(one.places[0].company, carrier=one.carrier)
        if group is None:
            group = self._site(place).group
        if group is not None and group.takes_members(one.noticed):
            group.join(one, one.noticed, self._rule.window)
        else:
            group = Group.opened_by(place, one, one.noticed)
            self._keep(group)
            group.add(one, self._rule.window)
        self._remember(one)

    def _gather(self, site: _Site, where: datetime, at: datetime) -> None:
        """All of a place that touch the window from ``where`` on become one incident at ``at``."""
        spans = [(one, site.span(one)) for one in site.sightings]
        chosen = [(one, span) for one, span in spans if span.begin <= where <= span.end]
        after = max(span.begin for _, span in chosen) + self._rule.window
        group = self._incident_of(site, [one for one, _ in chosen], at)
        for wider in self._sites_of(chosen[0][0]):
            if wider.rank > site.rank:  # it sees the members at another time from now on
                wider.bound += group.vague
        group.set_window(after, min(span.end for _, span in chosen))
        for one, _ in chosen:
            if one.group is None:
                group.add(one, self._rule.window)
            elif one.group.root is not group:
                self._absorb(group, one.group.root, at)
        self._take_in(site, group)

    def _incident_of(self, site: _Site, chosen: Sequence[Sighting], at: datetime) -> Group:
        """That of the place which goes on, or else the oldest of its parts, widened, or else a new one."""
        group = site.group
        if group is not None and group.takes_members(at):
            group.go_on(at)
            return group
        parts = {id(one.group.root): one.group.root for one in chosen if one.group is not None}
        if parts:
            group = min(parts.values(), key=attrgetter("number"))
            self._forget(group)
            group.widen(site.place, at)
            site.group = group
            return group
        group = Group.opened_by(site.place, chosen[0], at)
        self._keep(group)
        return group

    def _absorb(self, group: Group, part: Group, at: datetime) -> None:
        self._forget(part)
        group.absorb(part, at)

    def _forget(self, group: Group) -> None:
        site = self._site(group.place)
        if site.group is group:
            site.group = None

    def _take_in(self, site: _Site, group: Group) -> None:
        """What else fits joins, and what is left is counted."""
        for one in [one for one in site.sightings if one.group is None and group.fits(one, self._rule.window)]:
            group.add(one, self._rule.window)
        site.count()


def _rank_of(one: Sighting) -> int:
    """That of the place whose incident ``one`` belongs to."""
    return _NO_PLACE if one.group is None else one.group.root.place.rank
