using System.Linq.Expressions;

namespace Cep.Reactive;

/// <summary>
/// An object made in an expression, taken apart: the values it is made of, with their names. What makes no object
/// is one part.
/// </summary>
internal sealed class ObjectParts
{
    private readonly Func<IReadOnlyList<Expression>, Expression> _rebuild;

    private ObjectParts(
        IEnumerable<(string? Name, Expression Value)> parts, Func<IReadOnlyList<Expression>, Expression> rebuild)
    {
        Parts = [.. parts];
        _rebuild = rebuild;
    }

    /// <summary>The parts; one without a name is the whole.</summary>
    public IReadOnlyList<(string? Name, Expression Value)> Parts { get; }

    public bool IsWhole => Parts is [(null, _)];

    public static ObjectParts Of(Expression body) => body switch
    {
        NewExpression { Arguments.Count: > 0, Constructor: not null } made when ColumnTypes.Of(made.Type) is null =>
            new(Arguments(made), values => made.Update(Fit(values, made.Arguments))),
        MemberInitExpression { NewExpression.Arguments.Count: 0 } made
            when made.Bindings.All(b => b is MemberAssignment) => OfMembers(made),
        _ => new([(null, body)], values => values[0]),
    };

    /// <summary>The part of a member's name, or -1.</summary>
    public int IndexOf(string member)
    {
        for (var i = 0; i < Parts.Count; i++)
            if (string.Equals(Parts[i].Name, member, StringComparison.OrdinalIgnoreCase))
                return i;
        return -1;
    }

    /// <summary>The expression that makes the object of other values.</summary>
    public Expression Rebuild(IReadOnlyList<Expression> values) => _rebuild(values);

    private static IEnumerable<(string? Name, Expression Value)> Arguments(NewExpression made)
    {
        var parameters = made.Constructor!.GetParameters();
        return made.Arguments.Select((a, i) => (made.Members?[i].Name ?? parameters[i].Name, a));
    }

    private static ObjectParts OfMembers(MemberInitExpression made)
    {
        var assignments = made.Bindings.Cast<MemberAssignment>().ToList();
        return new(
            assignments.Select(a => ((string?)a.Member.Name, a.Expression)),
            values => made.Update(made.NewExpression, assignments.Select((a, i) => a.Update(values[i]))));
    }

    private static IEnumerable<Expression> Fit(IReadOnlyList<Expression> values, IReadOnlyList<Expression> like) =>
        values.Select((v, i) => v.Type == like[i].Type ? v : Expression.Convert(v, like[i].Type));
}
