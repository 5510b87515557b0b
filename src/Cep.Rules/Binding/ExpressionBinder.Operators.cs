using System.Text.RegularExpressions;
using Cep.Events;
using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

internal sealed partial class ExpressionBinder
{
    private const int LongestPattern = 1000;

    private Expr? Binary(BinarySyntax syntax) => syntax.Op switch
    {
        "or" or "and" => Logical(syntax),
        "==" or "!=" or "<" or "<=" or ">" or ">=" => Comparison(syntax),
        "like" or "matches" => TextMatch(syntax),
        "??" => Coalesce(syntax),
        _ => Arithmetic(syntax),
    };

    private BinaryExpr? Logical(BinarySyntax syntax)
    {
        var (left, right) = (Condition(syntax.Left), Condition(syntax.Right));
        return left is null || right is null
            ? null
            : new BinaryExpr(syntax.Op == "or" ? BinaryOp.Or : BinaryOp.And, left, right, DataType.Bool);
    }

    private Expr? Comparison(BinarySyntax syntax)
    {
        var (left, right) = (Bind(syntax.Left), Bind(syntax.Right));
        if (left is null || right is null)
            return null;
        var op = syntax.Op switch
        {
            "==" => BinaryOp.Equal,
            "!=" => BinaryOp.NotEqual,
            "<" => BinaryOp.Less,
            "<=" => BinaryOp.LessOrEqual,
            ">" => BinaryOp.Greater,
            _ => BinaryOp.GreaterOrEqual,
        };
        if (left is ConstExpr { Value: null } || right is ConstExpr { Value: null })
            WarnOfNull(syntax, op);
        return Compare(op, left, right, syntax);
    }

    private Expr? Compare(BinaryOp op, Expr? left, Expr? right, BinarySyntax syntax)
    {
        if (!Unify(ref left, ref right))
            return Mismatch(syntax, left, right, "be compared");
        if (op is not (BinaryOp.Equal or BinaryOp.NotEqual) && !IsOrdered(left.Type))
            return Error(DiagnosticIds.TypeMismatch, syntax.OpSpan,
                $"Values that are {Plural(left.Type)} have no order.");
        return new BinaryExpr(op, left, right, DataType.Bool);
    }

    private void WarnOfNull(BinarySyntax syntax, BinaryOp op)
    {
        var hint = op switch
        {
            BinaryOp.Equal => "write is null",
            BinaryOp.NotEqual => "write is not null",
            _ => null,
        };
        diagnostics.Warning(DiagnosticIds.ComparisonWithNull, source.Source,
            source.At(syntax.Span.Start, syntax.Span.Length),
            "A comparison with null is never true.", hint);
    }

    private Expr? Between(BetweenSyntax syntax)
    {
        var (operand, low, high) = (Bind(syntax.Operand), Bind(syntax.Low), Bind(syntax.High));
        if (operand is null || low is null || high is null)
            return null;
        var from = Compare(BinaryOp.GreaterOrEqual, operand, low,
            new BinarySyntax(">=", syntax.Low.Span, syntax.Operand, syntax.Low, syntax.Span));
        var to = Compare(BinaryOp.LessOrEqual, operand, high,
            new BinarySyntax("<=", syntax.High.Span, syntax.Operand, syntax.High, syntax.Span));
        return from is null || to is null ? null : new BinaryExpr(BinaryOp.And, from, to, DataType.Bool);
    }

    private Expr? Coalesce(BinarySyntax syntax)
    {
        var (left, right) = (Bind(syntax.Left), Bind(syntax.Right));
        if (left is null || right is null)
            return null;
        return Unify(ref left, ref right)
            ? new BinaryExpr(BinaryOp.Coalesce, left, right, left.Type)
            : Mismatch(syntax, left, right, "replace each other");
    }

    private Expr? Arithmetic(BinarySyntax syntax)
    {
        var (left, right) = (Bind(syntax.Left), Bind(syntax.Right));
        if (left is null || right is null)
            return null;
        var op = syntax.Op switch
        {
            "+" => BinaryOp.Add,
            "-" => BinaryOp.Subtract,
            "*" => BinaryOp.Multiply,
            "/" => BinaryOp.Divide,
            _ => BinaryOp.Modulo,
        };
        if (IsTime(left.Type) || IsTime(right.Type))
            return TimeArithmetic(op, left, right) ?? Mismatch(syntax, left, right, $"be used with {syntax.Op}");
        if (left.Type == DataType.Integer && right.Type == DataType.Integer && op != BinaryOp.Divide)
            return new BinaryExpr(op, left, right, DataType.Integer);
        if (CanBeNumber(left.Type) && CanBeNumber(right.Type))
            return new BinaryExpr(op, Converted(left, DataType.Number), Converted(right, DataType.Number),
                DataType.Number);
        return Mismatch(syntax, left, right, $"be used with {syntax.Op}");
    }

    private static bool IsTime(DataType type) => type is DataType.Timestamp or DataType.Duration;

    private static bool CanBeNumber(DataType type) => IsNumeric(type) || type is DataType.Any or DataType.Null;

    private static BinaryExpr? TimeArithmetic(BinaryOp op, Expr left, Expr right)
    {
        const DataType time = DataType.Timestamp, span = DataType.Duration, number = DataType.Number;
        if (CanBeNumber(left.Type) && right.Type == span && op == BinaryOp.Multiply)
            (left, right) = (right, left);
        var (a, b) = (Fit(left, right.Type), Fit(right, left.Type));
        return (op, a.Type, b.Type) switch
        {
            (BinaryOp.Subtract, time, time) => new BinaryExpr(op, a, b, span),
            (BinaryOp.Add or BinaryOp.Subtract, time, span) => new BinaryExpr(op, a, b, time),
            (BinaryOp.Add, span, time) => new BinaryExpr(op, b, a, time),
            (BinaryOp.Add or BinaryOp.Subtract, span, span) => new BinaryExpr(op, a, b, span),
            (BinaryOp.Modulo, span, span) => new BinaryExpr(op, a, b, span),
            (BinaryOp.Divide, span, span) => new BinaryExpr(op, a, b, number),
            (BinaryOp.Multiply or BinaryOp.Divide, span, _) when CanBeNumber(right.Type) =>
                new BinaryExpr(op, a, Converted(right, number), span),
            _ => null,
        };
    }

    /// <summary>A text or an any beside a time is taken as one.</summary>
    private static Expr Fit(Expr expr, DataType other) =>
        IsTime(other) && expr.Type is DataType.Any or DataType.Null or DataType.String
            ? Coerce(expr, other) ?? expr
            : expr;

    private Expr? Negate(UnarySyntax syntax)
    {
        if (Bind(syntax.Operand) is not { } operand)
            return null;
        switch (operand)
        {
            case ConstExpr { Value: long value } when operand.Type != DataType.Timestamp:
                return new ConstExpr(-value, operand.Type);
            case ConstExpr { Value: double value }:
                return new ConstExpr(-value, operand.Type);
        }

        if (operand.Type is DataType.Any or DataType.Null)
            operand = Converted(operand, DataType.Number);
        return IsNumeric(operand.Type) || operand.Type == DataType.Duration
            ? new UnaryExpr(UnaryOp.Negate, operand, operand.Type)
            : Error(DiagnosticIds.TypeMismatch, syntax.Operand.Span,
                $"{Text(syntax.Operand)} is {TypeNames.Of(operand.Type)}, which has no negative.");
    }

    private Expr? In(InSyntax syntax)
    {
        if (syntax.List is not ListSyntax list)
            return InExpression(syntax);
        var operand = Bind(syntax.Operand);
        var items = list.Items.Select(Bind).ToList();
        if (operand is null || items.Contains(null))
            return null;
        return items.TrueForAll(i => i is ConstExpr)
            ? InConstants(syntax, list, operand, items)
            : new InListExpr(operand, new ListExpr([.. items!]), syntax.Negated);
    }

    private InListExpr? InExpression(InSyntax syntax)
    {
        var (operand, list) = (Bind(syntax.Operand), Bind(syntax.List));
        if (operand is null || list is null)
            return null;
        if (Coerce(list, DataType.List) is { } values)
            return new InListExpr(operand, values, syntax.Negated);
        Error(DiagnosticIds.TypeMismatch, syntax.List.Span,
            $"{Text(syntax.List)} is {TypeNames.Of(list.Type)}, not a list.");
        return null;
    }

    private Expr? InConstants(InSyntax syntax, ListSyntax list, Expr operand, List<Expr?> items)
    {
        var type = ItemType(operand, items!);
        var values = new List<object>();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is ConstExpr { Value: null })
                Error(DiagnosticIds.TypeMismatch, list.Items[i].Span, "Null is in no list.", "add: or … is null");
            else if (Coerce(items[i]!, type) is ConstExpr { Value: { } value })
                values.Add(value);
            else if (type == DataType.Any)
                values.Add(((ConstExpr)items[i]!).Value!);
            else
                Error(DiagnosticIds.TypeMismatch, list.Items[i].Span,
                    $"{Describe(syntax.Operand, operand)}, but {Describe(list.Items[i], items[i]!)}.");
        }

        return values.Count < items.Count ? null : new InExpr(Converted(operand, type), [.. values], syntax.Negated);
    }

    /// <summary>
    /// The type that operand and constants are compared as: the operand's; of an any, the one that all constants have.
    /// </summary>
    private static DataType ItemType(Expr operand, List<Expr> items)
    {
        if (operand.Type == DataType.Integer)
            return items.Exists(i => i.Type == DataType.Number) ? DataType.Number : DataType.Integer;
        if (operand.Type != DataType.Any || items.Count == 0)
            return operand.Type;
        var type = IsNumeric(items[0].Type) ? DataType.Number : items[0].Type;
        return items.TrueForAll(i => i.Type == type || IsNumeric(i.Type) && IsNumeric(type)) ? type : DataType.Any;
    }

    private Expr? TextMatch(BinarySyntax syntax)
    {
        var (operand, pattern) = (Bind(syntax.Left), Bind(syntax.Right));
        if (operand is null || pattern is null)
            return null;
        if (Coerce(operand, DataType.String) is not { } text)
            return Error(DiagnosticIds.TypeMismatch, syntax.Left.Span,
                $"'{syntax.Op}' is for texts, but {Text(syntax.Left)} is {TypeNames.Of(operand.Type)}.");
        if (pattern is not ConstExpr { Value: string literal } || syntax.Right is not LiteralSyntax)
            return Error(DiagnosticIds.TypeMismatch, syntax.Right.Span,
                $"The pattern of '{syntax.Op}' is a text in quotes.");
        if (syntax.Op == "like")
            return new LikeExpr(text, literal);
        return CheckRegex(literal, syntax.Right.Span) ? new MatchExpr(text, literal) : null;
    }

    private bool CheckRegex(string pattern, TextSpan span)
    {
        try
        {
            if (pattern.Length <= LongestPattern)
            {
                _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
                return true;
            }

            Error(DiagnosticIds.InvalidRegex, span, $"A regular expression has at most {LongestPattern} characters.");
        }
        catch (NotSupportedException)
        {
            Error(DiagnosticIds.InvalidRegex, span, "This regular expression cannot run in linear time.",
                "look-around, back references, atomic groups and conditionals are not supported");
        }
        catch (RegexParseException error)
        {
            // a quote and what comes before it stand in front of the place of the error
            var at = Math.Min(span.Start + 1 + Math.Max(0, error.Offset - 1), Math.Max(span.Start, span.End - 2));
            Error(DiagnosticIds.InvalidRegex, new TextSpan(at, at + 1),
                $"This regular expression is wrong: {Words(error.Error)}.");
        }

        return false;
    }

    /// <summary>An enumeration's name as words: QuantifierAfterNothing is "quantifier after nothing".</summary>
    private static string Words(RegexParseError error) =>
        string.Concat(error.ToString()
            .Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : $"{c}"));

    private Expr? Mismatch(BinarySyntax syntax, Expr left, Expr right, string what)
    {
        var hint = (left, right) switch
        {
            ({ Type: DataType.Timestamp }, ConstExpr { Value: string })
                or (ConstExpr { Value: string }, { Type: DataType.Timestamp }) =>
                "a timestamp is written as '2026-01-31T12:00:00Z'",
            ({ Type: DataType.Duration }, { Type: DataType.Integer or DataType.Number })
                or ({ Type: DataType.Integer or DataType.Number }, { Type: DataType.Duration }) =>
                    "a duration has a unit, as in 30s",
            _ => null,
        };
        return Error(DiagnosticIds.TypeMismatch, syntax.OpSpan,
            $"{Describe(syntax.Left, left)} and {Describe(syntax.Right, right)}: they cannot {what}.", hint);
    }

    private static string Plural(DataType type) => type switch
    {
        DataType.Bool => "bools",
        _ => "lists",
    };
}
