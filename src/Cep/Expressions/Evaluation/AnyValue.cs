using System.Globalization;

namespace Cep.Expressions.Evaluation;

/// <summary>
/// Values whose type is known only at run time: bool, long, double, string, object?[] or Dictionary&lt;string,
/// object?&gt;.
/// </summary>
internal static class AnyValue
{
    public static readonly IComparer<object?> Order = Comparer<object?>.Create(CompareTotal);

    public static readonly IEqualityComparer<object> Equality = EqualityComparer<object>.Create(
        AreEqual, value => StringComparer.Ordinal.GetHashCode(value is string s ? s : Text(value)));

    public static bool AreEqual(object? a, object? b)
    {
        if (a is null || b is null)
            return a is null && b is null;
        if (TryCompare(a, b, out var order))
            return order == 0;
        return (a, b) switch
        {
            (object?[] x, object?[] y) => x.Length == y.Length && x.Zip(y).All(p => AreEqual(p.First, p.Second)),
            (Dictionary<string, object?> x, Dictionary<string, object?> y) =>
                x.Count == y.Count && x.All(p => y.TryGetValue(p.Key, out var v) && AreEqual(p.Value, v)),
            _ => false,
        };
    }

    /// <summary>False where the two have no order.</summary>
    public static bool TryCompare(object a, object b, out int order)
    {
        order = 0;
        switch (a, b)
        {
            case (long x, long y):
                order = x.CompareTo(y);
                return true;
            case (long or double, long or double):
                order = Number(a).CompareTo(Number(b));
                return true;
            case (string x, string y):
                order = string.CompareOrdinal(x, y);
                return true;
            case (bool x, bool y):
                order = x.CompareTo(y);
                return true;
            default:
                return false;
        }
    }

    public static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);

    /// <summary>A canonical text: equal values have equal texts.</summary>
    public static string Text(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        long n => n.ToString(CultureInfo.InvariantCulture),
        double d => d == Math.Floor(d) && Math.Abs(d) < 9e15
            ? ((long)d).ToString(CultureInfo.InvariantCulture)
            : d.ToString("R", CultureInfo.InvariantCulture),
        string s => s,
        object?[] items => "[" + string.Join(",", items.Select(Text)) + "]",
        Dictionary<string, object?> map => "{" + string.Join(
            ",", map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Key + ":" + Text(p.Value))) + "}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static int CompareTotal(object? a, object? b)
    {
        if (a is null || b is null)
            return (a is null ? 0 : 1) - (b is null ? 0 : 1);
        return TryCompare(a, b, out var order) ? order : string.CompareOrdinal(Text(a), Text(b));
    }
}
