"""One walk over a file's syntax tree, which fills scopes. Raises RecursionError for a tree that is too deep."""

from __future__ import annotations

import ast
from collections.abc import Callable

from .bindings import ADDS, Bindings, annotation
from .scopes import Binding, Call, Exit, Function, Scope, With, dotted


class Walk(Bindings):
    """The walk over statements and expressions."""

    def __init__(self, place: str, tree: ast.Module) -> None:
        super().__init__(place, tree)
        self._all(tree.body)

    def _all(self, nodes: list[ast.stmt] | list[ast.expr]) -> None:
        for node in nodes:
            self._visit(node)

    def _visit(self, node: ast.AST) -> None:
        handler = _HANDLERS.get(type(node), Walk._children)
        handler(self, node)

    def _children(self, node: ast.AST) -> None:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                for each in value:
                    if isinstance(each, ast.AST):
                        self._visit(each)
            elif isinstance(value, ast.AST):
                self._visit(value)

    def _leaf(self, node: ast.AST) -> None:
        """Stop at a node without anything below it."""

    # -- statements -------------------------------------------------------------------------------------------------

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.imports.add(alias.name)
            bound = alias.asname or alias.name.partition(".")[0]
            self._bind(bound, Binding("import", None, alias.name if alias.asname else bound, 0, self._scope))

    def _import_from(self, node: ast.ImportFrom) -> None:
        if not node.level and node.module:
            self.imports.update(f"{node.module}.{alias.name}" for alias in node.names)
        for alias in node.names:
            if alias.name == "*":
                self.module.stars.append("." * node.level + (node.module or ""))
                continue
            text = f"{'.' * node.level}{node.module or ''}:{alias.name}"
            self._bind(alias.asname or alias.name, Binding("from", None, text, 0, self._scope))

    def _outer(self, node: ast.Global | ast.Nonlocal) -> None:
        if isinstance(node, ast.Global):
            self._scope.outer.update(node.names)

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._hold(node.value, self._holder(target))
            self._target(target, "value", node.value)
        self._visit(node.value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._bind(node.target.id, Binding("annotation", node.annotation, scope=self._scope))
        elif isinstance(node.target, ast.Attribute):
            self.stores.append((node.target.attr, node.target.value, annotation(node.annotation), self._scope))
        if node.value is not None:
            self._hold(node.value, self._holder(node.target))
            self._target(node.target, "value", node.value)
            self._visit(node.value)

    def _augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._bind(node.target.id, Binding("value", node.value, scope=self._scope))
        self._visit(node.value)

    def _walrus(self, node: ast.NamedExpr) -> None:
        self._hold(node.value, "local")
        self._target(node.target, "value", node.value)
        self._visit(node.value)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self._target(node.target, "iter", node.iter)
        self._visit(node.iter)
        before, self._loops = self._loops, (*self._loops, node)
        self._all(node.body)
        self._loops = before
        self._all(node.orelse)

    def _while(self, node: ast.While) -> None:
        before, self._loops = self._loops, (*self._loops, node)
        self._children(node)
        self._loops = before

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        before = self._loops
        for place, each in enumerate(node.generators):
            self._target(each.target, "iter", each.iter)
            self._visit(each.iter)
            if place == 0:
                self._loops = (*self._loops, node)
            self._all(each.ifs)
        self._all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self._loops = before

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self.withs.append(With(node, self._scope))
        for item in node.items:
            self._hold(item.context_expr, "with")
            if item.optional_vars is not None:
                self._target(item.optional_vars, "with", item.context_expr)
            self._visit(item.context_expr)
        before, self._withs = self._withs, (*self._withs, node)
        self._all(node.body)
        self._withs = before

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        self._all(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                self.caught.append((handler.type, self._scope))
            self._all(handler.body)
        self._all(node.orelse)
        before, self._final = self._final, True
        self._all(node.finalbody)
        self._final = before

    def _return(self, node: ast.Return) -> None:
        self._leave("return", node)
        if node.value is not None:
            self._scope.returns.append(node.value)
            self._hold(node.value, "return")
            self._visit(node.value)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        self._leave("yield", node)
        if node.value is not None:
            self._scope.yields.append(node.value)
            self._hold(node.value, "return")
            self._visit(node.value)
        else:
            self._scope.yields.append(ast.copy_location(ast.Constant(None), node))

    def _leave(self, how: str, node: ast.stmt | ast.expr) -> None:
        if self._withs:
            self._scope.exits.append(Exit(how, node.lineno, self._withs, self._loops))

    def _break(self, node: ast.Break) -> None:
        self._leave("break", node)

    def _raise(self, node: ast.Raise) -> None:
        self._leave("raise", node)
        self._children(node)

    # -- expressions ------------------------------------------------------------------------------------------------

    def _await(self, node: ast.Await) -> None:
        self._awaited.add(node.value)
        self._visit(node.value)

    def _call(self, node: ast.Call) -> None:
        held, awaited = self._held.pop(node, "other"), node in self._awaited
        call = Call(node, self._scope, self._withs, self._loops, held, awaited, self._final)
        self._scope.calls.append(call)
        if call.name in {"import_module", "__import__"} and node.args and isinstance(node.args[0], ast.Constant):
            self.imports.add(str(node.args[0].value))
        if isinstance(node.func, ast.Attribute) and node.func.attr in ADDS and node.args:
            self._add(node.func.value, node.args[-1])
        for place, value in enumerate(node.args):
            self._refer(value, call, place)
        for keyword in node.keywords:
            self._refer(keyword.value, call, -1)
        self._children(node)

    def _refer(self, value: ast.expr, call: Call, place: int) -> None:
        """Record that a call gets a function by its name."""
        if isinstance(value, ast.Name | ast.Attribute):
            self.references.append((dotted(value).rpartition(".")[2], call, place))

    def _function(self, node: Function) -> None:
        name = "" if isinstance(node, ast.Lambda) else node.name
        scope = Scope("function", name, node, self._scope, self.module.place)
        self._scope.scopes.append(scope)
        self.scopes.append(scope)
        self._all([*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)])
        if not isinstance(node, ast.Lambda):
            self._bind(name, Binding("scope", node, scope=scope))
            scope.decorators = node.decorator_list
            self._all(node.decorator_list)
        self._params(scope, node)
        self._within(scope, [node.body] if isinstance(node, ast.Lambda) else node.body)
        if isinstance(node, ast.Lambda):
            scope.returns.append(node.body)

    def _params(self, scope: Scope, node: Function) -> None:
        scope.params = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
        for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            scope.names[each.arg] = [Binding("param", each, each.arg, scope=scope)]
        for rest in (node.args.vararg, node.args.kwarg):
            if rest is not None:
                scope.names[rest.arg] = [Binding("rest", rest, rest.arg, scope=scope)]

    def _class(self, node: ast.ClassDef) -> None:
        scope = Scope("class", node.name, node, self._scope, self.module.place)
        scope.decorators, scope.bases = node.decorator_list, node.bases
        self._scope.scopes.append(scope)
        self.scopes.append(scope)
        self._bind(node.name, Binding("scope", node, scope=scope))
        self._all([*node.decorator_list, *node.bases, *(each.value for each in node.keywords)])
        self._within(scope, node.body)

    def _within(self, scope: Scope, body: list[ast.stmt] | list[ast.expr]) -> None:
        before = self._scope, self._withs, self._loops, self._final
        self._scope, self._withs, self._loops, self._final = scope, (), (), False
        self._all(body)
        self._scope, self._withs, self._loops, self._final = before


_HANDLERS: dict[type[ast.AST], Callable[[Walk, ast.AST], None]] = {
    kind: handler  # type: ignore[misc]
    for kinds, handler in (
        ((ast.Import,), Walk._import),
        ((ast.ImportFrom,), Walk._import_from),
        ((ast.Global, ast.Nonlocal), Walk._outer),
        ((ast.Assign,), Walk._assign),
        ((ast.AnnAssign,), Walk._annotated),
        ((ast.AugAssign,), Walk._augmented),
        ((ast.NamedExpr,), Walk._walrus),
        ((ast.For, ast.AsyncFor), Walk._for),
        ((ast.While,), Walk._while),
        ((ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp), Walk._comprehension),
        ((ast.With, ast.AsyncWith), Walk._with),
        ((ast.Try, ast.TryStar), Walk._try),
        ((ast.Return,), Walk._return),
        ((ast.Yield, ast.YieldFrom), Walk._yield),
        ((ast.Break,), Walk._break),
        ((ast.Raise,), Walk._raise),
        ((ast.Await,), Walk._await),
        ((ast.Call,), Walk._call),
        ((ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda), Walk._function),
        ((ast.ClassDef,), Walk._class),
        ((ast.Constant, ast.Name, ast.Pass, ast.Continue, ast.Load, ast.Store, ast.alias), Walk._leaf),
    )
    for kind in kinds
}
