"""A comparison of two packs as a report that a health officer reads: what it comes to first, then rule by rule.

One value serves the terminal and the page, so that both say the same. The words are this command's own; titles, reasons and
notes are the packs' texts as they were published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from habeas.cli._comparison_deck import REPORT_WORDS
from habeas.cli._comparison_words import DIRECTIONS, in_language, local, title_words, value_words, what_words
from habeas.cli._pack_words import rule_rows
from habeas.grounds import SMALLEST_CELL, Affected, Aspect, Cell, Comparison, Difference, Direction, Silence, Silent
from habeas.rules import Pack, Rule

__all__ = ["Report", "Section", "report_of"]

_KINDS = ("stricter", "milder", "mixed", "depends", "added", "removed", "promised", "words", "same")
_ASIDE = (Aspect.SOURCE, Aspect.EXAMPLES, Aspect.ANCHOR, Aspect.ABOUT, Aspect.LEFT_OUT)
"""What an officer need not read first."""
_ABOVE = ("id", "version", "published")
"""What the lines of the packs say already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, a sentence below it, and a table; `loud` is what nobody was told of."""

    heading: str
    note: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    loud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A comparison in a language: whose, what it comes to in one paragraph, and the sections in order of weight."""

    language: str
    title: str
    packs: tuple[tuple[str, str], ...]
    lead: str
    sections: tuple[Section, ...]
    foot: str


def report_of(comparison: Comparison, affected: Affected | None, language: str) -> Report:
    """Return a comparison as a report; with `affected`, also who would be affected, as those counts stand."""
    return _Writer(comparison, language).report(affected)


@dataclass(frozen=True, slots=True)
class _Writer:
    comparison: Comparison
    language: str

    @property
    def words(self) -> Mapping[str, str]:
        return REPORT_WORDS[self.language]

    def report(self, affected: Affected | None) -> Report:
        made = self.comparison
        sections = [*self._silent(), *self._rules(), *self._own()]
        if affected is not None:
            sections += self._affected(affected)
        sections += self._rest()
        return Report(
            language=self.language,
            title=self.words["title"],
            packs=tuple((self.words[side], self._pack(pack)) for side, pack in (("old", made.old), ("new", made.new))),
            lead=self._lead(affected),
            sections=tuple(sections),
            foot=self.words["direction"] if made.differences else "",
        )

    # The paragraph

    def _pack(self, pack: Pack) -> str:
        published, start, end = (
            local(pack.calendar.show(at)).rpartition(" ")
            for at in (pack.published, pack.in_force.start, pack.in_force.end)
        )
        return self.words["pack"].format(
            title=in_language(pack.titles, self.language),
            id=pack.id,
            version=pack.version,
            published=published[0],
            start=start[0],
            end=end[0],
            zone=end[2],
        )

    def _lead(self, affected: Affected | None) -> str:
        made = self.comparison
        said = [self.words["equal"]] if not made.differences else list(self._lead_changes())
        if affected is not None:
            said.append(
                self.words["lead.affected"].format(
                    people=f"{affected.people:,}",
                    worse=self._sum(cell for cell in affected.total if cell.worse),
                    better=self._sum(cell for cell in affected.total if not cell.worse),
                )
            )
        return (" " if self.language == "en" else "").join(said)

    def _lead_changes(self) -> Iterator[str]:
        made, words = self.comparison, self.words
        same_id, same_version = made.old.id == made.new.id, made.old.version == made.new.version
        way = "act" if made.of_its_own else "renamed" if not same_id else "again" if same_version else "version"
        yield words[f"lead.{way}"]
        counts: dict[str, int] = dict.fromkeys(_KINDS, 0)
        for name in dict.fromkeys(rule.id for pack in (made.new, made.old) for rule in pack.rules):
            if (kind := self._kind(name)) is not None:
                counts[kind] += 1
        said = [words[f"count.{kind}"].format(n=n) for kind, n in counts.items() if n]
        yield words["lead.rules"].format(counts=words["comma"].join(said) or words["count.none"])
        if own := self._of_pack():
            what = dict.fromkeys(what_words(row, self.language) for row in own)
            yield words["lead.pack"].format(what=words["comma"].join(what))
        yield words["lead.silent"].format(n=len(made.silent)) if made.silent else words["lead.told"]

    def _kind(self, name: str) -> str | None:
        """Return what kind of change a rule's is; None for the old name of one that goes on under a new one."""
        rows = self.comparison.on_rule(name)
        if not rows:
            followed = {row.old for row in self.comparison.differences if row.aspect is Aspect.RENAMED}
            return None if name in followed else "same"
        aspects = {row.aspect for row in rows}
        for aspect, kind in ((Aspect.ADDED, "added"), (Aspect.REMOVED, "removed")):
            if aspect in aspects:
                return kind
        ways = {row.direction for row in rows} - {Direction.NONE}
        if Direction.UNKNOWN in ways:
            return "depends"
        if not ways:
            return "promised" if Aspect.REQUIRES in aspects else "words"
        return ways.pop().value if len(ways) == 1 else "mixed"

    # What nobody was told of

    def _silent(self) -> Iterator[Section]:
        if self.comparison.silent:
            rows = tuple(
                (self._name(row.rule), self._changed(row), self._stayed(row)) for row in self.comparison.silent
            )
            yield Section(heading=self.words["silent"], columns=self._columns("silent.columns"), rows=rows, loud=True)

    def _changed(self, row: Silent) -> str:
        made = self.comparison
        rows = made.of_rule(None) if row.rule is None else made.on_rule(row.rule)
        return self.words["comma"].join(dict.fromkeys(what_words(one, self.language) for one in rows if one.bears))

    def _stayed(self, row: Silent) -> str:
        texts = "silent.titles" if row.rule is None else "silent.texts"
        said = {Silence.VERSION: "silent.version", Silence.TEXTS: texts}
        languages = self.words["comma"].join(row.languages)
        return self.words["comma"].join(self.words[said[one]].format(languages=languages) for one in row.unchanged)

    # The differences

    def _rules(self) -> Iterator[Section]:
        made = self.comparison
        for name in made.rules:
            rows = [row for row in made.on_rule(name) if row.bears or row.aspect not in _ASIDE]
            kind = self._kind(name)
            if not rows or kind is None:
                continue
            heading = self.words["rule"].format(title=self._title(name), id=name, kind=self.words[f"kind.{kind}"])
            if kind in ("added", "removed"):
                yield self._lone(rows[0], heading)
            else:
                yield Section(
                    heading=heading,
                    note=self._day_note(rows),
                    columns=self._columns("rule.columns"),
                    rows=tuple(map(self._row, rows)),
                )

    def _lone(self, row: Difference, heading: str) -> Section:
        """Return what a rule of one pack alone says and does there."""
        side, rule, pack = ("new", row.new, self.comparison.new) if row.new else ("old", row.old, self.comparison.old)
        rows = tuple(rule_rows(rule, pack, self.language)) if isinstance(rule, Rule) else ()
        note = DIRECTIONS[self.language][row.direction]
        return Section(heading=heading, note=note, columns=("", self.words[side]), rows=rows)

    def _of_pack(self) -> list[Difference]:
        """Return what changed of the whole pack and bears on codes; another act has its own time, as the packs' lines say."""
        act = self.comparison.of_its_own
        return [row for row in self.comparison.of_rule(None) if row.bears and not (act and row.aspect is Aspect.DATES)]

    def _own(self) -> Iterator[Section]:
        texts = [row for row in self.comparison.of_rule(None) if row.aspect is Aspect.TEXT]
        if rows := self._of_pack() + texts:
            columns = self._columns("rule.columns")
            yield Section(heading=self.words["own"], columns=columns, rows=tuple(map(self._row, rows)))

    def _rest(self) -> Iterator[Section]:
        rows = tuple(
            (row.rule or self.words["silent.pack"], *self._row(row)[:3])
            for row in self.comparison.differences
            if not row.bears
            and row.aspect is not Aspect.TEXT
            and (row.rule is None or row.aspect in _ASIDE)
            and row.item not in _ABOVE
            and row.language in ("", self.language)
        )
        if rows:
            yield Section(heading=self.words["rest"], columns=self._columns("rest.columns"), rows=rows)

    def _row(self, row: Difference) -> tuple[str, ...]:
        made, what = self.comparison, what_words(row, self.language)
        if row.rules:
            what = self.words["read"].format(what=what, rules=self.words["comma"].join(row.rules))
        before, after = (
            value_words(row, value, pack, self.language) for value, pack in ((row.old, made.old), (row.new, made.new))
        )
        return what, before, after, DIRECTIONS[self.language][row.direction]

    def _day_note(self, rows: Sequence[Difference]) -> str:
        counted = {row.first_day for row in rows if row.days is not None}
        return self.words[f"day{counted.pop()}"] if counted else ""

    def _name(self, rule: str | None) -> str:
        return self.words["silent.pack"] if rule is None else f"{self._title(rule)} ({rule})"

    def _title(self, rule: str) -> str:
        found = next(one for pack in (self.comparison.new, self.comparison.old) for one in pack.rules if one.id == rule)
        return title_words(found, self.language)

    def _columns(self, name: str) -> tuple[str, ...]:
        return tuple(self.words[name].split("|"))

    # Who would be affected

    def _affected(self, affected: Affected) -> Iterator[Section]:
        words, heading = self.words, self.words["title.affected"]
        cells = (*affected.total, *affected.by_rule, *affected.by_area)
        full = any(cell.people is not None and 0 < cell.people < SMALLEST_CELL for cell in cells)
        note = words["affected.full" if full else "affected.note"].format(
            people=f"{affected.people:,}", at=local(self.comparison.new.calendar.show(affected.at)), least=SMALLEST_CELL
        )
        if not affected.total:
            yield Section(heading=heading, note=f"{note} {words['affected.nobody']}")
            return
        rows = tuple((*self._cell(cell), self._people(cell)) for cell in affected.total)
        yield Section(heading=heading, note=note, columns=self._columns("affected.columns"), rows=rows)
        columns = self._columns("affected.of_columns")
        for name, group in (("by_rule", affected.by_rule), ("by_area", affected.by_area)):
            if group:
                shown = tuple(
                    (*self._cell(cell), self._of(cell, rule=name == "by_rule"), self._people(cell)) for cell in group
                )
                yield Section(heading=words[f"affected.{name}"], columns=columns, rows=shown)

    def _cell(self, cell: Cell) -> tuple[str, str, str]:
        made = self.comparison
        codes = (
            self.words["nocode"] if code is None else in_language(pack.code(code).names, self.language)
            for code, pack in ((cell.old, made.old), (cell.new, made.new))
        )
        before, after = codes
        return before, after, self.words["worse" if cell.worse else "better"]

    def _of(self, cell: Cell, *, rule: bool) -> str:
        if cell.of is None:
            return self.words["others"]
        known = {one.id for pack in (self.comparison.old, self.comparison.new) for one in pack.rules}
        return self._name(cell.of) if rule and cell.of in known else cell.of or self.words["nothing"]

    def _people(self, cell: Cell) -> str:
        return self.words["few"] if cell.people is None else f"{cell.people:,}"

    def _sum(self, cells: Iterator[Cell]) -> str:
        """Return a sum of people, or that it is too small; a hidden cell is left out of it."""
        counts = [cell.people for cell in cells]
        shown = sum(count for count in counts if count is not None)
        return self.words["few"] if shown == 0 and counts else f"{shown:,}"
