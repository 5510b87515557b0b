using System.Net;
using System.Text;
using Cep.Events;

namespace Cep.Expressions.Evaluation;

/// <summary>The scalar functions. A null argument gives null.</summary>
internal static class Functions
{
    public static Eval Compile(CallExpr call, Eval[] args) => call.Function switch
    {
        Function.Lower => new MapEval<string, string>(Text(args, 0), s => s.ToLowerInvariant()),
        Function.Upper => new MapEval<string, string>(Text(args, 0), s => s.ToUpperInvariant()),
        Function.Contains => Contains(args),
        Function.StartsWith =>
            new BothEval<string, string,
                bool>(Text(args, 0), Text(args, 1), (a, b) => a.StartsWith(b, StringComparison.Ordinal)),
        Function.EndsWith => new BothEval<string, string,
            bool>(Text(args, 0), Text(args, 1), (a, b) => a.EndsWith(b, StringComparison.Ordinal)),
        Function.Length => Length(args[0]),
        Function.Round => new RoundEval(
            Number(args, 0), args.Length > 1 ? (Eval<long>)args[1] : new ConstEval<long>(0)),
        Function.Abs => args[0] is Eval<long> n ? new AbsLongEval(n) : new MathEval(Number(args, 0), Math.Abs),
        Function.Floor => new MathEval(Number(args, 0), Math.Floor),
        Function.Ceil => new MathEval(Number(args, 0), Math.Ceiling),
        Function.Sqrt => new MathEval(Number(args, 0), Math.Sqrt),
        Function.Ln => new MathEval(Number(args, 0), Math.Log),
        Function.Exp => new MathEval(Number(args, 0), Math.Exp),
        Function.Pow => new PowEval(Number(args, 0), Number(args, 1)),
        Function.Least => Extreme(args, -1),
        Function.Greatest => Extreme(args, 1),
        Function.Hash => new HashEval(args),
        Function.GeoDistance => new GeoDistanceEval(Number(args, 0), Number(args, 1), Number(args, 2), Number(args, 3)),
        Function.CidrMatch => new BothEval<string, string, bool>(Text(args, 0), Text(args, 1), CidrMatch),
        Function.Hour => new LocalTimeEval((Eval<long>)args[0], Zone(args), time => time.Hour),
        Function.Weekday => new LocalTimeEval(
            (Eval<long>)args[0], Zone(args), time => ((int)time.DayOfWeek + 6) % 7 + 1),
        _ => throw new InvalidOperationException($"The function '{call.Function}' has no implementation."),
    };

    private static Eval<string> Text(Eval[] args, int i) => (Eval<string>)args[i];

    private static Eval<double> Number(Eval[] args, int i) =>
        args[i] as Eval<double> ?? new LongToDoubleEval((Eval<long>)args[i]);

    private static Eval<string> Zone(Eval[] args) => args.Length > 1 ? Text(args, 1) : new ConstEval<string>("UTC");

    private static Eval<bool> Contains(Eval[] args) => args[0] is Eval<string> text
        ? new BothEval<string, string, bool>(text, Text(args, 1), (a, b) => a.Contains(b, StringComparison.Ordinal))
        : new InListEval(args[1], (Eval<object>)args[0], negated: false);

    private static Eval<long> Length(Eval arg) => arg is Eval<string> text
        ? new MapEval<string, long>(text, s => s.Length)
        : new LengthOfAnyEval((Eval<object>)arg);

    private static Eval Extreme(Eval[] args, int sign) => args[0] switch
    {
        Eval<long> => new ExtremeEval<long>([.. args.Cast<Eval<long>>()], Comparer<long>.Default, sign),
        Eval<double> => new ExtremeEval<double>([.. args.Cast<Eval<double>>()], Comparer<double>.Default, sign),
        Eval<string> => new ExtremeEval<string>([.. args.Cast<Eval<string>>()], StringComparer.Ordinal, sign),
        _ => new ExtremeEval<object>([.. args.Cast<Eval<object>>()], AnyValue.Order!, sign),
    };

    private static bool CidrMatch(string ip, string range) =>
        IPAddress.TryParse(ip, out var address) && IPNetwork.TryParse(range, out var network)
            && network.Contains(address);
}

internal sealed class MapEval<TIn, TOut>(Eval<TIn> operand, Func<TIn, TOut> map) : Eval<TOut>
{
    public override bool TryGet(Frame frame, out TOut value)
    {
        var known = operand.TryGet(frame, out var x);
        value = known ? map(x) : default!;
        return known;
    }
}

internal sealed class BothEval<T1, T2, TOut>(Eval<T1> first, Eval<T2> second, Func<T1, T2, TOut> map) : Eval<TOut>
{
    public override bool TryGet(Frame frame, out TOut value)
    {
        value = default!;
        if (!first.TryGet(frame, out var a) || !second.TryGet(frame, out var b))
            return false;
        value = map(a, b);
        return true;
    }
}

internal sealed class MathEval(Eval<double> operand, Func<double, double> map) : Eval<double>
{
    public override bool TryGet(Frame frame, out double value)
    {
        if (!operand.TryGet(frame, out value))
            return false;
        value = map(value);
        return DoubleArithmeticEval.Defined(frame, ref value);
    }
}

internal sealed class PowEval(Eval<double> x, Eval<double> y) : Eval<double>
{
    public override bool TryGet(Frame frame, out double value)
    {
        value = 0;
        if (!x.TryGet(frame, out var a) || !y.TryGet(frame, out var b))
            return false;
        value = Math.Pow(a, b);
        return DoubleArithmeticEval.Defined(frame, ref value);
    }
}

/// <summary>Half away from zero, as people and SQL round, to up to 15 digits behind (or before) the point.</summary>
internal sealed class RoundEval(Eval<double> operand, Eval<long> digits) : Eval<double>
{
    public override bool TryGet(Frame frame, out double value)
    {
        if (!operand.TryGet(frame, out value) || !digits.TryGet(frame, out var n))
            return false;
        if (n >= 0)
        {
            value = Math.Round(value, (int)Math.Min(n, 15), MidpointRounding.AwayFromZero);
            return true;
        }

        var unit = Math.Pow(10, Math.Min(-n, 300));
        value = Math.Round(value / unit, MidpointRounding.AwayFromZero) * unit;
        return true;
    }
}

internal sealed class AbsLongEval(Eval<long> operand) : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        if (!operand.TryGet(frame, out value))
            return false;
        if (value == long.MinValue)
        {
            frame.Undefined++;
            return false;
        }

        value = Math.Abs(value);
        return true;
    }
}

internal sealed class LengthOfAnyEval(Eval<object> operand) : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        operand.TryGet(frame, out var any);
        value = any switch
        {
            string s => s.Length,
            object?[] items => items.Length,
            Dictionary<string, object?> members => members.Count,
            _ => -1,
        };
        return value >= 0;
    }
}

/// <summary>The least or greatest argument, nulls left out (as in PostgreSQL); null where all are.</summary>
internal sealed class ExtremeEval<T>(Eval<T>[] args, IComparer<T> order, int sign) : Eval<T>
{
    public override bool TryGet(Frame frame, out T value)
    {
        var found = false;
        value = default!;
        foreach (var arg in args)
        {
            if (!arg.TryGet(frame, out var x) || (found && order.Compare(x, value) * sign <= 0))
                continue;
            value = x;
            found = true;
        }

        return found;
    }
}

/// <summary>A non-negative 64-bit hash of the arguments that is the same in every run.</summary>
internal sealed class HashEval(Eval[] args) : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        var text = string.Join('\u001f', args.Select(a => AnyValue.Text(a.Box(frame))));
        value = (long)(StringPool.Hash(Encoding.UTF8.GetBytes(text)) >> 1);
        return true;
    }
}

/// <summary>
/// Great-circle distance in km on a sphere of radius 6371.0088 km (IUGG mean radius), by the haversine formula.
/// </summary>
internal sealed class GeoDistanceEval(Eval<double> lat1, Eval<double> lon1, Eval<double> lat2, Eval<double> lon2)
    : Eval<double>
{
    private const double RadiusKm = 6371.0088;

    public override bool TryGet(Frame frame, out double value)
    {
        value = 0;
        if (!lat1.TryGet(frame, out var a) || !lon1.TryGet(frame, out var b) || !lat2.TryGet(frame, out var c)
            || !lon2.TryGet(frame, out var d))
            return false;
        const double degree = Math.PI / 180;
        var sinLat = Math.Sin((c - a) * degree / 2);
        var sinLon = Math.Sin((d - b) * degree / 2);
        var h = sinLat * sinLat + Math.Cos(a * degree) * Math.Cos(c * degree) * sinLon * sinLon;
        value = 2 * RadiusKm * Math.Asin(Math.Min(1, Math.Sqrt(h)));
        return DoubleArithmeticEval.Defined(frame, ref value);
    }
}

/// <summary>
/// A part of a time on the clock of a zone; null where there is no such zone or the time is out of range.
/// </summary>
internal sealed class LocalTimeEval(Eval<long> time, Eval<string> zone, Func<DateTime, long> part) : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        value = 0;
        if (!time.TryGet(frame, out var ms) || !zone.TryGet(frame, out var name))
            return false;
        if (ms is < -62135596800000 or > 253402300799999
            || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found))
        {
            frame.Undefined++;
            return false;
        }

        value = part(TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(ms), found).DateTime);
        return true;
    }
}
