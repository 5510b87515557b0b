using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Cep.Tests.Approved;

/// <summary>The public types and members of an assembly as text, in an order that does not change.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly HashSet<string> OfEveryRecord =
        ["EqualityContract", "PrintMembers", "<Clone>$", "GetHashCode", "Equals", "ToString", "Deconstruct"];

    public static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(TypeLine(type)).Append('\n');
            foreach (var line in Members(type).Distinct().Order(StringComparer.Ordinal))
                text.Append("  ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string TypeLine(Type type)
    {
        var kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType ? "struct"
            : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type.IsAbstract && type.IsSealed ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class" : "class";
        var bases = new[] { type.BaseType }.OfType<Type>()
            .Where(b => b != typeof(object) && b != typeof(ValueType))
            .Concat(type.GetInterfaces().Where(i => !i.Name.StartsWith("IEquatable", StringComparison.Ordinal)))
            .Select(Name).Order(StringComparer.Ordinal).ToList();
        var all = type.IsEnum || bases.Count == 0 ? "" : " : " + string.Join(", ", bases);
        return $"{kind} {type.Namespace}.{Name(type)}{all}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(n => $"{n} = {Enum.Parse(type, n):D}");
        return type.GetMembers(Declared).Where(m => IsVisible(m) && !IsGenerated(m)).Select(Line);
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly,
        FieldInfo f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly,
        PropertyInfo p => p.GetAccessors(true).Any(IsVisible),
        EventInfo e => IsVisible(e.AddMethod!),
        _ => false,
    };

    /// <summary>Accessors are told with their property; what every record has says nothing.</summary>
    private static bool IsGenerated(MemberInfo member) =>
        (member is MethodInfo { IsSpecialName: true } m && !m.Name.StartsWith("op_", StringComparison.Ordinal))
        || OfEveryRecord.Contains(member.Name)
        || (member.IsDefined(typeof(CompilerGeneratedAttribute)) && member.Name is "op_Equality" or "op_Inequality")
        || (member is ConstructorInfo c && c.IsFamily);

    private static string Line(MemberInfo member) => member switch
    {
        ConstructorInfo c => $"new({Parameters(c)})",
        MethodInfo m => $"{Static(m.IsStatic)}{Name(m.ReturnType)} {m.Name}{Generics(m)}({Parameters(m)})",
        PropertyInfo p => $"{Static(p.GetAccessors(true)[0].IsStatic)}{Property(p)}",
        FieldInfo f => $"{(f.IsLiteral ? "const " : Static(f.IsStatic))}{Field(f)}",
        EventInfo e => $"event {Name(e.EventHandlerType!)} {e.Name}",
        _ => member.ToString()!,
    };

    private static string Property(PropertyInfo p) => $"{Name(p.PropertyType)} {p.Name}{Index(p)} {{ {Accessors(p)}}}";

    private static string Field(FieldInfo f) => $"{(f.IsInitOnly ? "readonly " : "")}{Name(f.FieldType)} {f.Name}";

    private static string Accessors(PropertyInfo property)
    {
        var text = property.GetMethod is { } get && IsVisible(get) ? "get; " : "";
        if (property.SetMethod is not { } set || !IsVisible(set))
            return text;
        var isInit = set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return text + (isInit ? "init; " : "set; ");
    }

    private static string Static(bool isStatic) => isStatic ? "static " : "";

    private static string Index(PropertyInfo property)
    {
        var types = property.GetIndexParameters().Select(p => Name(p.ParameterType)).ToList();
        return types.Count == 0 ? "" : $"[{string.Join(", ", types)}]";
    }

    private static string Generics(MethodInfo method) => method.IsGenericMethod
        ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo p)
    {
        var passing = !p.ParameterType.IsByRef ? "" : p.IsOut ? "out " : p.IsIn ? "in " : "ref ";
        return $"{passing}{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? " = " + Default(p) : "")}";
    }

    private static string Default(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => "null",
        string s => $"\"{s}\"",
        bool b => b ? "true" : "false",
        var v => Convert.ToString(v, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Name(inner) + "?";
        var name = type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        if (!type.IsGenericType)
            return name;
        return $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
