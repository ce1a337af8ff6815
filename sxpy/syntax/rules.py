"""`syntax-rules`: patterns and templates of R7RS §4.3.2, hygienic.

A symbol that a template introduces becomes an **alias**: a new symbol that remembers the symbol it stands
for, and the scope and environment of the macro's definition. If the expansion binds the alias, it is a
variable that no other symbol can capture; if not, it means what the symbol meant where the macro was
defined. Quoting turns aliases back into symbols.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Dict, Environment, Macro, Symbol, Vector, equal, from_list, is_list, list_of, symbol
from sxpy.errors import SxSyntaxError
from sxpy.syntax.analyser import SPECIAL, Analyser, Context, head_name, head_of, shortened, special
from sxpy.syntax.bodies import body
from sxpy.syntax.scope import Alias, Scope, base, body_of, resolve
from sxpy.walk import Walk

MAX_DEPTH = 200
"""How deep patterns and templates may nest: they are walked recursively."""

_UNDERSCORE, _DOTS, _DOT = symbol("_"), symbol("..."), symbol(".")


class SyntaxRules:
    """What `syntax-rules` makes: literals, ellipsis and rules, with where they were defined."""

    def __init__(
        self,
        literals: list[Symbol],
        dots: Symbol,
        rules: list[tuple[Any, Any]],
        scope: Scope | None,
        env: Environment,
    ) -> None:
        self.literals = literals
        self.dots = dots
        self.rules = rules
        self.scope = scope
        self.env = env

    def expand(self, form: Any, scope: Scope | None) -> Any:
        """The expansion of a macro call in `scope`. Raises SxSyntaxError when no rule matches."""
        items = list(form)[1:]
        for pattern, template in self.rules:
            bound: dict[Symbol, Any] = {}
            if self._match_items(list(pattern)[1:], items, bound, scope, 0):
                return _Expansion(self, bound).fill(template, 0)
        raise SxSyntaxError(f"no rule of this macro matches {shortened(form)}")

    # -- patterns ----------------------------------------------------------------------------------

    def _match(
        self, pattern: Any, form: Any, bound: dict[Symbol, Any], scope: Scope | None, depth: int
    ) -> bool:
        if depth > MAX_DEPTH:
            raise SxSyntaxError(f"a syntax-rules pattern nests deeper than {MAX_DEPTH}")
        if isinstance(pattern, Symbol):
            if pattern in self.literals:
                return isinstance(form, Symbol) and resolve(form, scope) == resolve(pattern, self.scope)
            if base(pattern) is not _UNDERSCORE:
                bound[pattern] = form
            return True
        if is_list(pattern):
            return is_list(form) and self._match_items(list(pattern), list(form), bound, scope, depth + 1)
        if isinstance(pattern, Vector):
            return isinstance(form, Vector) and self._match_items(
                pattern.items, form.items, bound, scope, depth + 1
            )
        return equal(pattern, form)

    def _match_items(
        self, patterns: list[Any], forms: list[Any], bound: dict[Symbol, Any], scope: Scope | None, depth: int
    ) -> bool:
        """Match a sequence: `p …` repeats the pattern before it; after a dot, one pattern takes the rest."""
        if len(patterns) >= 2 and _is(patterns[-2], _DOT):
            head, tail = patterns[:-2], patterns[-1]
            fixed = sum(1 for item in head if not self._is_dots(item))
            fixed -= sum(1 for item in head if self._is_dots(item))
            taken = len(forms) if any(self._is_dots(item) for item in head) else fixed
            if taken > len(forms):
                return False
            return self._match_items(head, forms[:taken], bound, scope, depth) and self._match(
                tail, from_list(forms[taken:]), bound, scope, depth + 1
            )
        at = next((i for i, item in enumerate(patterns) if self._is_dots(item)), None)
        if at is None:
            return len(patterns) == len(forms) and all(
                self._match(pattern, form, bound, scope, depth)
                for pattern, form in zip(patterns, forms, strict=True)
            )
        before, repeated, after = patterns[: at - 1], patterns[at - 1], patterns[at + 1 :]
        count = len(forms) - len(before) - len(after)
        if count < 0:
            return False
        if not self._match_items(before, forms[: len(before)], bound, scope, depth):
            return False
        rows: list[dict[Symbol, Any]] = []
        for form in forms[len(before) : len(before) + count]:
            row: dict[Symbol, Any] = {}
            if not self._match(repeated, form, row, scope, depth):
                return False
            rows.append(row)
        for name in self._variables(repeated):
            bound[name] = _Many([row[name] for row in rows])
        return self._match_items(after, forms[len(before) + count :], bound, scope, depth)

    def _is_dots(self, item: Any) -> bool:
        return isinstance(item, Symbol) and base(item) is self.dots and item not in self.literals

    def _variables(self, pattern: Any) -> list[Symbol]:
        found, pending = [], [pattern]
        while pending:
            item = pending.pop()
            if isinstance(item, Symbol):
                if not (self._is_dots(item) or item in self.literals or base(item) in (_UNDERSCORE, _DOT)):
                    found.append(item)
            elif is_list(item):
                pending.extend(item)
            elif isinstance(item, Vector):
                pending.extend(item.items)
        return found


class _Many:
    """The matches of a pattern variable under an ellipsis."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items


class _Expansion:
    """One expansion: the matches, and one alias for each symbol that the template introduces."""

    def __init__(self, rules: SyntaxRules, bound: dict[Symbol, Any]) -> None:
        self.rules = rules
        self.bound = bound
        self.aliases: dict[Symbol, Alias] = {}

    def fill(self, template: Any, depth: int, *, escaped: bool = False) -> Any:
        if depth > MAX_DEPTH:
            raise SxSyntaxError(f"a syntax-rules template nests deeper than {MAX_DEPTH}")
        if isinstance(template, Symbol):
            return self._symbol(template)
        if is_list(template):
            items = list(template)
            if not escaped and len(items) == 2 and self.rules._is_dots(items[0]):
                return self.fill(items[1], depth + 1, escaped=True)
            return from_list(self._items(items, depth + 1, escaped=escaped))
        if isinstance(template, Vector):
            return Vector(self._items(template.items, depth + 1, escaped=escaped))
        if isinstance(template, Dict):
            return Dict({k: self.fill(v, depth + 1, escaped=escaped) for k, v in template.items()})
        return template

    def _symbol(self, name: Symbol) -> Any:
        if name in self.bound:
            value = self.bound[name]
            if isinstance(value, _Many):
                raise SxSyntaxError(f"the pattern variable {name.name} needs an ellipsis in the template")
            return value
        alias = self.aliases.get(name)
        if alias is None:
            alias = self.aliases[name] = Alias(name, self.rules.scope, self.rules.env)
        return alias

    def _items(self, templates: list[Any], depth: int, *, escaped: bool) -> list[Any]:
        made: list[Any] = []
        index = 0
        while index < len(templates):
            template = templates[index]
            dots = 0
            while not escaped and index + 1 < len(templates) and self.rules._is_dots(templates[index + 1]):
                dots += 1
                index += 1
            if _is(template, _DOT) and index + 2 == len(templates):
                tail = self.fill(templates[index + 1], depth, escaped=escaped)
                return [*made, *tail] if is_list(tail) else [*made, template, tail]
            made.extend(
                self._repeat(template, dots, depth) if dots else [self.fill(template, depth, escaped=escaped)]
            )
            index += 1
        return made

    def _repeat(self, template: Any, dots: int, depth: int) -> list[Any]:
        """The template once for each match of its variables; with several ellipses, flattened."""
        names = [n for n in self.rules._variables(template) if isinstance(self.bound.get(n), _Many)]
        if not names:
            raise SxSyntaxError("an ellipsis in a template follows no pattern variable with an ellipsis")
        counts = {len(self.bound[name].items) for name in names}
        if len(counts) != 1:
            raise SxSyntaxError("pattern variables under one ellipsis matched different numbers of forms")
        made: list[Any] = []
        outer = self.bound
        for index in range(counts.pop()):
            self.bound = {**outer, **{name: outer[name].items[index] for name in names}}
            if dots > 1:
                made.extend(self._repeat(template, dots - 1, depth))
            else:
                made.append(self.fill(template, depth))
        self.bound = outer
        return made


def _is(item: Any, name: Symbol) -> bool:
    return isinstance(item, Symbol) and base(item) is name


# -- forms -----------------------------------------------------------------------------------------


def transformer(analyser: Analyser, form: Any, at: Context) -> Macro:
    """The macro that a transformer form means: `(syntax-rules …)`, or the name of a macro."""
    analyser.analysis.private = True
    name = at.items[1].name if len(at.items) > 1 and isinstance(at.items[1], Symbol) else "macro"
    if isinstance(form, Symbol):
        found = analyser.macro_of(list_of(form), at.scope)
        if isinstance(found, Macro):
            return found
    if not is_list(form) or head_name(form) != "syntax-rules" or len(form) < 2:
        raise at.wrong("a transformer must be (syntax-rules (literal …) (pattern template) …)")
    items = list(form)[1:]
    dots = _DOTS
    if isinstance(items[0], Symbol):
        dots, items = base(items[0]), items[1:]
    if not items or not is_list(items[0]) or not all(isinstance(literal, Symbol) for literal in items[0]):
        raise at.wrong("syntax-rules needs a list of literals")
    rules = []
    for rule in items[1:]:
        if not is_list(rule) or len(rule) != 2 or not is_list(head_of(rule)) or len(head_of(rule)) == 0:
            raise at.wrong("a rule must be ((name pattern …) template)")
        rules.append((head_of(rule), list(rule)[1]))
    return Macro(name, SyntaxRules(list(items[0]), dots, rules, at.scope, analyser.env))


@special("define-syntax")
def define_syntax(analyser: Analyser, at: Context) -> Walk:
    """`(define-syntax name (syntax-rules …))`: a hygienic macro."""
    if len(at.items) != 3 or not isinstance(at.items[1], Symbol):
        raise at.wrong("define-syntax needs a name and a transformer")
    scope = body_of(at.scope)
    macro = transformer(analyser, at.items[2], at)
    if scope is not None:
        scope.put(at.items[1], macro)
        return analyser.const(None, at.spot)
    # The forms after this one see it, also those of the same `begin`.
    cell = analyser.env.own(base(at.items[1]).name)
    cell.value = macro
    return analyser.const(None, at.spot)
    yield


@special("let-syntax", "letrec-syntax")
def let_syntax(analyser: Analyser, at: Context) -> Walk:
    """`(let-syntax ((name transformer) …) body …)`: macros for the body only."""
    if len(at.items) < 2 or not is_list(at.items[1]):
        raise at.wrong("let-syntax needs bindings and a body")
    scope = Scope(at.scope)
    recursive = at.items[0] is SPECIAL["letrec-syntax"] or head_name(at.form) == "letrec-syntax"
    for binding in at.items[1]:
        if not is_list(binding) or len(binding) != 2 or not isinstance(head_of(binding), Symbol):
            raise at.wrong("a binding must be (name transformer)", 1)
        name, form = binding
        seen = Context(from_list([at.items[0], name, form]), scope if recursive else at.scope, at.spot)
        scope.put(name, transformer(analyser, form, seen))
    return (yield body(analyser, Context(at.form, scope, at.spot), 2, scope))
