using Cep.Events;
using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

/// <summary>
/// Gives an expression its meaning: resolves names, checks types and makes conversions explicit. Where something is
/// wrong the result is null and the problem has been reported, once.
/// </summary>
internal sealed partial class ExpressionBinder(YamlScalar source, DiagnosticBag diagnostics)
{
    private const int MaxNodes = 2000;

    private Scope _scope = null!;
    private bool _inAggregate;

    /// <summary>The size of what has been bound, names replaced by what they stand for.</summary>
    public int Nodes { get; private set; }

    public Expr? Bind(ExprSyntax syntax, Scope scope)
    {
        var outer = _scope;
        _scope = scope;
        var bound = Bind(syntax);
        _scope = outer;
        return bound;
    }

    /// <summary>Binds a condition: a bool, or an any taken as one.</summary>
    public Expr? BindCondition(ExprSyntax syntax, Scope scope)
    {
        var outer = _scope;
        _scope = scope;
        var bound = Condition(syntax);
        _scope = outer;
        return bound;
    }

    private Expr? Bind(ExprSyntax syntax)
    {
        // long lists of constants are no burden
        if (syntax is not LiteralSyntax && ++Nodes > MaxNodes)
            return TooLarge(syntax);
        return syntax switch
        {
            LiteralSyntax literal => new ConstExpr(literal.Value, literal.Type),
            NameSyntax name => Name(name),
            MemberSyntax member => Member(member),
            IndexSyntax index => Index(index),
            CallSyntax call => Call(call),
            UnarySyntax { Op: "not" } not =>
                Condition(not.Operand) is { } operand ? new UnaryExpr(UnaryOp.Not, operand, DataType.Bool) : null,
            UnarySyntax negate => Negate(negate),
            BinarySyntax binary => Binary(binary),
            BetweenSyntax between => Between(between),
            InSyntax membership => In(membership),
            IsNullSyntax test => Bind(test.Operand) is { } operand
                ? new UnaryExpr(test.Negated ? UnaryOp.IsNotNull : UnaryOp.IsNull, operand, DataType.Bool)
                : null,
            ListSyntax list => List(list),
            _ => null,
        };
    }

    private Expr? TooLarge(ExprSyntax syntax)
    {
        if (Nodes == MaxNodes + 1)
            Error(DiagnosticIds.LimitExceeded, syntax.Span,
                $"An expression has at most {MaxNodes} parts, with names replaced by what they stand for.");
        return null;
    }

    private Expr? Name(NameSyntax name)
    {
        if (_scope.Name(name.Name) is { } resolved)
            return Use(resolved, name.Name, name.Span);
        if (_scope.Refuse(name) is { } refusal)
            return Error(refusal.Id, name.Span, refusal.Message, refusal.Hint);
        return Error(DiagnosticIds.UnknownName, name.Span, $"There is no '{name.Name}' in {_scope.Place}.",
            Suggestion.For(name.Name, _scope.Names));
    }

    private Expr? Use(Resolved resolved, string name, TextSpan span)
    {
        Nodes += resolved.Nodes;
        if (resolved.Value is null)
            return null;
        if (Nodes > MaxNodes)
            return Error(DiagnosticIds.LimitExceeded, span,
                $"An expression has at most {MaxNodes} parts, with names replaced by what they stand for.");
        var place = _inAggregate ? "an aggregate's argument" : _scope.Place;
        // a name can bring an aggregate to a place that has none
        if ((_scope.Aggregates == AggregateUse.None || _inAggregate)
            && ExprWalker.NeedsHistory(resolved.Value, previousToo: !_scope.HasHistory))
            return Error(DiagnosticIds.MisplacedAggregate, span,
                $"'{name}' looks at earlier events, which {place} cannot.");
        if (!_scope.KnowsSteps && ExprWalker.LooksAtSteps(resolved.Value))
            return Error(DiagnosticIds.MisplacedAggregate, span,
                $"'{name}' looks at steps of the pattern, which {place} cannot.");
        return resolved.Value;
    }

    private Expr? Member(MemberSyntax member)
    {
        if (member.Operand is NameSyntax name && (_scope.HasMembers(name.Name) || _scope.Name(name.Name) is null))
        {
            if (_scope.Member(name.Name, member.Name) is { } resolved)
                return Use(resolved, $"{name.Name}.{member.Name}", member.Span);
            if (_scope.HasMembers(name.Name))
                return Error(DiagnosticIds.UnknownName, member.NameSpan,
                    $"The step '{name.Name}' has no field '{member.Name}'.",
                    _scope.SuggestMember(name.Name, member.Name));
            if (_scope.Member(name.Name, "start") is not null)
                return Error(DiagnosticIds.UnknownName, member.NameSpan, $"'{name.Name}' has no '{member.Name}'.",
                    "it has window.start and window.end");
        }

        if (Bind(member.Operand) is not { } operand)
            return null;
        return operand.Type is DataType.Any or DataType.Null
            ? new MemberExpr(Converted(operand, DataType.Any), member.Name)
            : Error(DiagnosticIds.TypeMismatch, member.NameSpan,
                $"{Text(member.Operand)} is {TypeNames.Of(operand.Type)}, which has no members.");
    }

    private Expr? Index(IndexSyntax syntax)
    {
        var (operand, index) = (Bind(syntax.Operand), Bind(syntax.Index));
        if (operand is null || index is null)
            return null;
        if (operand.Type is not (DataType.List or DataType.Any))
            return Error(DiagnosticIds.TypeMismatch, syntax.Operand.Span,
                $"{Text(syntax.Operand)} is {TypeNames.Of(operand.Type)}, not a list.");
        if (index is ConstExpr { Value: string name } && operand.Type == DataType.Any)
            return new MemberExpr(operand, name);
        if (Coerce(index, DataType.Integer) is not { } position)
            return Error(DiagnosticIds.TypeMismatch, syntax.Index.Span,
                $"An index is an integer, not {TypeNames.Of(index.Type)}.");
        var item = new IndexExpr(operand, position);
        return operand is FieldExpr field && _scope is EventScope events
            && events.ElementOf(field.Name) is var element and not DataType.Any
            ? new ConvertExpr(item, element)
            : item;
    }

    private Expr? List(ListSyntax list)
    {
        var items = list.Items.Select(Bind).ToList();
        if (items.Contains(null))
            return null;
        if (items.TrueForAll(i => i is ConstExpr))
            return new ConstExpr(items.Select(i => ((ConstExpr)i!).Value).ToArray(), DataType.List);
        return new ListExpr([.. items!]);
    }

    private Expr? Condition(ExprSyntax syntax)
    {
        if (Bind(syntax) is not { } bound)
            return null;
        return Coerce(bound, DataType.Bool)
            ?? Error(DiagnosticIds.TypeMismatch, syntax.Span,
                $"A condition is needed here, but {Text(syntax)} is {TypeNames.Of(bound.Type)}.");
    }

    private string Describe(ExprSyntax syntax, Expr bound) => $"{Text(syntax)} is {TypeNames.Of(bound.Type)}";

    private string Text(ExprSyntax syntax)
    {
        const int Longest = 40;
        var text = source.Value[syntax.Span.Start..Math.Min(syntax.Span.End, source.Value.Length)];
        if (text.Length > Longest)
            return "this";
        return text[0] is '\'' or '"' ? text : $"'{text}'";
    }

    private Expr? Error(string id, TextSpan span, string message, string? hint = null)
    {
        diagnostics.Error(id, source.Source, source.At(span.Start, span.Length), message, hint);
        return null;
    }
}
