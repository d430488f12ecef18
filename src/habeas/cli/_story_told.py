"""The story put together: what the ledger answered and what everybody's derivation says, as steps with their promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from habeas.cli._story import WHEN, Attempts, Founded
from habeas.cli._story_values import Coded, CountedCode, Moment, Page, Promise, Step, Told, TownCounts, read_page
from habeas.grounds import Derivation
from habeas.ledger import Ledger
from habeas.rules import Effect
from habeas.synthetic import Resident, Town
from habeas.wire import HOUR, Instant, parse_instant

__all__ = ["tell"]

_NOON = parse_instant("2022-06-13T12:00+08:00")
"""By when, in the case, the harm was done."""

_LIMIT = 48 * HOUR
"""What a lone word may last at most (I4)."""


def tell(ledger: Ledger, town: Town, founded: Founded, attempts: Attempts) -> Told:
    """Derive everybody once more from all that is on the ledger, and tell the story at each instant."""
    return _Teller(ledger, town, founded, attempts).told()


class _Teller:
    """Everybody's derivation, and the sentences that follow from it."""

    def __init__(self, ledger: Ledger, town: Town, founded: Founded, attempts: Attempts) -> None:
        self.ledger = ledger
        self.town = town
        self.founded = founded
        self.attempts = attempts
        self.derivations: Mapping[bytes, Derivation] = {
            who.subject: ledger.derivation(who.subject) for who in town.residents()
        }
        self.counted: dict[Instant, Coded] = {}
        self.saver = town.savers[town.savers_here]  # the first of those far away

    def told(self) -> Told:
        town, cast = self.town, self.town.cast
        followed = {
            self.saver: "a saver, far away",
            town.savers[0]: "a saver, here",
            cast.positive: "positive, sample on record",
            cast.contact: "same household, on record",
            cast.arrival: "flew in, airline and hotel know",
            cast.corrected: "a laboratory's mix-up, put right",
        }
        return Told(
            town=self._town(),
            counts=self._counts(WHEN["before"]),
            saver=self.saver.name,
            savers=len(town.savers),
            savers_here=town.savers_here,
            steps=tuple(self._steps()),
            beside=self._page(cast.positive, WHEN["laboratory"].after(60)),
            cast=tuple((who.name, said) for who, said in followed.items()),
            moments=tuple(self._moment(at, followed) for at in _moments()),
            promises=tuple(self._beside()),
            events=self.ledger.head,
        )

    def _town(self) -> TownCounts:
        town, founded = self.town, self.founded
        pack = next(iter(self.ledger.state.book.packs))
        return TownCounts(
            people=town.people,
            families=len(town.families),
            people_away=town.people_away,
            bodies=founded.bodies,
            statements=founded.honest.came,
            admitted=founded.honest.admitted,
            certificates=founded.certificates,
            rules=pack.titles["en"],
            pack=pack.id,
        )

    def _counts(self, at: Instant) -> tuple[CountedCode, ...]:
        """Count everybody by code, rule and support; each code's mark is the one on its people's own pages."""
        people: Counter[tuple[int, str, bool]] = Counter()
        one_of: dict[tuple[int, str, bool], Resident] = {}
        for who in self.town.residents():
            derived = self.derivations[who.subject].at(at)
            winner = derived.winner
            key = (winner.severity, winner.rule, winner.provisional) if winner else (0, "", False)
            people[key] += 1
            one_of.setdefault(key, who)
        book = self.ledger.state.book
        titles = {rule.rule.id: rule.rule.texts["en"]["title"] for rule in book.rules}
        return tuple(
            CountedCode(
                mark=self._page(one_of[severity, rule, provisional], at).mark,
                code=book.codes[severity].names["en"],
                rule=rule,
                title=titles.get(rule, ""),
                provisional=provisional,
                people=people[severity, rule, provisional],
            )
            for severity, rule, provisional in sorted(people)
        )

    def _page(self, who: Resident, at: Instant) -> Page:
        return read_page(self.derivations[who.subject], who, at)

    def _moment(self, at: Instant, followed: Iterable[Resident]) -> Moment:
        return Moment(at=at, savers=self._savers(at), marks=tuple(self._page(who, at).mark for who in followed))

    def _savers(self, at: Instant) -> Coded:
        if at not in self.counted:
            self.counted[at] = self._count_savers(at)
        return self.counted[at]

    def _count_savers(self, at: Instant) -> Coded:
        closed = asked = supported = 0
        for who in self.town.savers:
            derived = self.derivations[who.subject].at(at)
            effect = derived.code.effect if derived.code else Effect.OPEN
            closed += effect >= Effect.PARTLY
            asked += effect is Effect.ASK
            supported += any(not ground.provisional for ground in derived.grounds)
        return Coded(people=len(self.town.savers), closed=closed, asked=asked, supported=supported)

    def _steps(self) -> Iterable[Step]:
        yield self._policy()
        yield self._operator()
        yield self._shells()
        yield self._border()
        yield self._again()
        yield self._laboratory()

    def _policy(self) -> Step:
        tried, office = self.attempts, self.town.offices.policy.body.name("en")
        after = self._savers(WHEN["policy"].after(60))
        refused, came = len(tried.grants_refused), tried.policy.came
        return Step(
            at=WHEN["policy"],
            tried=f"{office}, where it was decided, signs {came:,} “inbound” statements itself. It had asked for a mandate "
            "once, as had the software company.",
            happened=f"{refused} of {tried.grants} mandates refused. Statements: {tried.policy}.",
            by=("habeas.mandates.Roster.grant", "habeas.evidence.admit"),
            invariant="I7 mandates",
            row=14,
            page=self._page(self.saver, WHEN["policy"].after(60)),
            promises=(
                Promise(words="policy office and vendor get no mandate", held=refused == tried.grants),
                Promise(words="no statement without a mandate is admitted", held=tried.policy.admitted == 0),
                Promise(words="no saver's code changes", held=after.closed + after.asked == 0),
            ),
        )

    def _operator(self) -> Step:
        tried = self.attempts
        written, named = tried.rows_written, tried.rows_named
        view = "is byte for byte the old one" if tried.rebuilt_equal else "is another than before"
        return Step(
            at=WHEN["operator"],
            tried=f"An operator of the database writes {written:,} red rows into it by SQL, one a saver.",
            happened=f"Every answer is derived: {tried.rows_believed:,} savers are red. The audit names {named:,} of "
            f"{written:,} rows; the view, rebuilt, {view}.",
            by=("habeas.ledger.Ledger.derivation", "habeas.ledger.audit"),
            invariant="I1 derivation",
            row=1,
            page=self._page(self.saver, WHEN["operator"].after(60)),
            promises=(
                Promise(words="no reader believes a row", held=tried.rows_believed == 0),
                Promise(words="the audit names every row", held=named == written > 0),
                Promise(words="the rebuilt view is the old one", held=tried.rebuilt_equal),
            ),
        )

    def _shells(self) -> Step:
        records = self.attempts.records
        one, two = (shell.body.name("en") for shell in self.town.offices.shells)
        after = self._savers(WHEN["records"].after(60))
        return Step(
            at=WHEN["records"],
            tried=f"Two shell bodies, {one} and {two}, got mandates at 20:00. They sign passenger list and guest register "
            f"of the {self.town.savers_here:,} savers here, so that what comes next has support.",
            happened=f"Records: {records}. A mandate counts seven days after it is logged.",
            by=("habeas.mandates.Roster.find", "habeas.evidence.admit"),
            invariant="I7 mandates",
            row=26,
            page=self._page(self.saver, WHEN["records"].after(60)),
            promises=(
                Promise(words="no record of a body mandated an hour ago is admitted", held=records.admitted == 0),
                Promise(words="no saver's code changes", held=after.closed + after.asked == 0),
            ),
        )

    def _border(self) -> Step:
        entries = self.attempts.entries
        then, later = self._savers(WHEN["border"].after(60)), self._savers(WHEN["border"].after(_LIMIT))
        noon = self._savers(_NOON)
        return Step(
            at=WHEN["border"],
            tried=f"A border officer, who has a mandate, signs {entries.came:,} “inbound” statements: {self._where()}. "
            "No carrier, stamp or site saw any of them.",
            happened=f"Statements: {entries}, {then.supported:,} supported. "
            f"{then.asked:,} savers are asked for a test, {then.closed:,} find a gate closed. After 48 hours: "
            f"{later.asked:,} asked, {later.closed:,} closed.",
            by=("habeas.evidence.hold", "habeas.grounds.derive"),
            invariant="I4 support",
            row=14,
            page=self._page(self.saver, WHEN["border"].after(60)),
            promises=(
                Promise(words="nobody stands behind the entries", held=then.supported == 0),
                Promise(words="no gate closes to a saver", held=then.closed + noon.closed == 0),
                Promise(words="it is over after 48 hours", held=later.asked + later.closed == 0),
            ),
        )

    def _again(self) -> Step:
        again = self.attempts.again
        then = self._savers(WHEN["again"].after(60))
        return Step(
            at=WHEN["again"],
            tried=f"Day three, the first ground has fallen: the border signs all {again.came:,} again.",
            happened=f"Statements: {again}. {then.asked:,} savers asked for a test, {then.closed:,} find a gate "
            "closed. The same ground needs a new custodian.",
            by=("habeas.grounds.derive",),
            invariant="I3 lapse",
            row=25,
            page=self._page(self.saver, WHEN["again"].after(60)),
            promises=(Promise(words="signing again has no effect", held=then.asked + then.closed == 0),),
        )

    def _laboratory(self) -> Step:
        positives = self.attempts.positives
        then, later = self._savers(WHEN["laboratory"].after(60)), self._savers(WHEN["after"])
        name = self.town.offices.coerced.body.name("en")
        return Step(
            at=WHEN["laboratory"],
            tried=f"{name} is made to sign {positives.came:,} positives for people who were never sampled.",
            happened=f"Results: {positives}, {then.supported:,} supported: no sample was on record before. "
            f"{then.asked:,} savers are asked for a test, {then.closed:,} find a gate closed. On 18 June: {later.asked:,} asked.",
            by=("habeas.evidence.hold", "habeas.grounds.derive"),
            invariant="I4 support",
            row=29,
            page=self._page(self.saver, WHEN["laboratory"].after(60)),
            promises=(
                Promise(words="no positive without a sample is supported", held=then.supported == 0),
                Promise(words="no gate closes to a saver", held=then.closed == 0),
                Promise(words="it is over after 48 hours", held=later.asked + later.closed == 0),
            ),
        )

    def _where(self) -> str:
        here = self.town.savers_here
        return f"{here:,} people in the city, {len(self.town.savers) - here:,} registered far away"

    def _beside(self) -> Iterable[Promise]:
        """Yield what must hold of honest people, all along."""
        cast, honest = self.town.cast, self.founded.honest
        moments = _moments()
        yield Promise(words="every honest statement is admitted", held=honest.came == honest.admitted > 0)
        for who, words, least, most in (
            (cast.positive, "the true positive stays red, supported", Effect.CLOSED, Effect.CLOSED),
            (cast.contact, "so does the contact at home", Effect.CLOSED, Effect.CLOSED),
            (cast.arrival, "the true traveller is asked for a test, no more", Effect.ASK, Effect.ASK),
            (cast.corrected, "a result that was put right bars nobody", Effect.OPEN, Effect.OPEN),
        ):
            found = [self.derivations[who.subject].at(at) for at in moments]
            held = all(
                one.code is not None
                and least <= one.code.effect <= most
                and (one.winner is None or not one.winner.provisional)
                for one in found
            )
            yield Promise(words=words, held=held)


def _moments() -> tuple[Instant, ...]:
    return (
        WHEN["border"].after(-60),
        WHEN["border"].after(60),
        _NOON,
        WHEN["again"].after(60),
        WHEN["laboratory"].after(60),
        WHEN["after"],
    )
