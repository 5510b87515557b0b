using System.Linq.Expressions;
using System.Reflection;
using Cep.Events;
using Cep.Expressions;

namespace Cep.Reactive;

/// <summary>
/// The fields of a type of events: its public properties and fields of supported types, in the order of their
/// declaration, by the names that the rule language would give them. A type that is a value itself (a double, a string)
/// has one: value.
/// </summary>
internal sealed class EventShape
{
    private readonly List<(FieldSchema Field, MemberInfo? Member)> _fields = [];

    public EventShape(Type type)
    {
        EventType = type;
        Name = StreamName(type);
        if (ColumnTypes.Of(type) is { } scalar)
            _fields.Add((new FieldSchema("value", scalar), null));
        else
            _fields.AddRange(Members(type).Select(m =>
                (new FieldSchema(ColumnTypes.Name(m.Name), ColumnTypes.Of(TypeOf(m))!.Value), (MemberInfo?)m)));

        // after the fields that rules see, so that their numbers are those of the same stream declared in a rule file
        List<FieldSchema> fields = [.. _fields.Select(f => f.Field), new FieldSchema("$event", DataType.Any)];
        Schema = new StreamSchema(Name, fields);
    }

    public Type EventType { get; }

    /// <summary>The name of the stream that such events are.</summary>
    public string Name { get; }

    /// <summary>The fields, and one more that holds the event itself.</summary>
    public StreamSchema Schema { get; }

    /// <summary>The column that holds the event itself, for what is reported.</summary>
    public int EventField => _fields.Count;

    /// <summary>The whole event as a value, where it is one.</summary>
    public FieldExpr? Whole => _fields is [(var only, null)] ? Expr(0, only) : null;

    /// <summary>The field of a member, or null where the member is none.</summary>
    public FieldExpr? FieldOf(MemberInfo member)
    {
        var index = _fields.FindIndex(f => f.Member?.Name == member.Name);
        return index < 0 ? null : Expr(index, _fields[index].Field);
    }

    /// <summary>
    /// A function that writes the fields asked for into row 0 of the columns; those not asked for are null.
    /// </summary>
    public Action<T, Column[]> CompileWriter<T>(IReadOnlySet<int> fields)
    {
        var source = Expression.Parameter(typeof(T), "event");
        var columns = Expression.Parameter(typeof(Column[]), "columns");
        var writes = new List<Expression> { Expression.Empty() };
        foreach (var field in fields.Where(f => f < _fields.Count).Order())
        {
            var member = _fields[field].Member;
            Expression value = member is null ? source : Expression.MakeMemberAccess(source, member);
            writes.Add(ColumnWriter.Write(Expression.ArrayIndex(columns, Expression.Constant(field)), value));
        }

        return Expression.Lambda<Action<T, Column[]>>(Expression.Block(writes), source, columns).Compile();
    }

    private static FieldExpr Expr(int index, FieldSchema field) => new(0, index, field.Name, field.Type);

    private static IEnumerable<MemberInfo> Members(Type type)
    {
        const BindingFlags own = BindingFlags.Public | BindingFlags.Instance;
        var properties = type.GetProperties(own)
            .Where(p => p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0);
        return properties.Cast<MemberInfo>().Concat(type.GetFields(own))
            .Where(m => ColumnTypes.Of(TypeOf(m)) is not null)
            .OrderBy(Depth).ThenBy(m => m.MetadataToken).DistinctBy(m => ColumnTypes.Name(m.Name));
    }

    /// <summary>What a base type declares comes first.</summary>
    private static int Depth(MemberInfo member)
    {
        var depth = 0;
        for (var type = member.DeclaringType; type is not null; type = type.BaseType)
            depth++;
        return depth;
    }

    private static Type TypeOf(MemberInfo member) =>
        member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static string StreamName(Type type)
    {
        var name = type.Name.Split('`')[0];
        return name.Length > 0 && char.IsAsciiLetter(name[0]) ? ColumnTypes.Name(name) : "events";
    }
}
