namespace Cep.Rules.Tests;

public sealed class ExpressionBindingTests
{
    [Theory]
    [InlineData("x > 1 or b and not b", "Or(Greater(x, 1.0), And(b, Not(b)))")]
    [InlineData("not x == 1", "Not(Equal(x, 1.0))")]
    [InlineData("x + y * 2 > -y", "Greater(Add(x, Multiply(y, 2.0)), Negate(y))")]
    [InlineData("x - y - 1 == 0", "Equal(Subtract(Subtract(x, y), 1.0), 0.0)")]
    [InlineData("x ?? y + 1 > 0", "Greater(Coalesce(x, Add(y, 1.0)), 0.0)")]
    [InlineData("(x + y) * 2 > 0", "Greater(Multiply(Add(x, y), 2.0), 0.0)")]
    [InlineData("- n * 2 < -9", "Less(Multiply(Negate(n), 2), -9)")]
    [InlineData("n % 2 == 1", "Equal(Modulo(n, 2), 1)")]
    [InlineData("n / 2 == 1", "Equal(Divide(n::Number, 2.0), 1.0)")]
    [InlineData("n > x", "Greater(n::Number, x)")]
    [InlineData("a > 5", "Greater(a::Number, 5.0)")]
    [InlineData("a == 'x' and a.b.c is null", "And(Equal(a::String, 'x'), IsNull(a.b.c))")]
    [InlineData("a == a", "Equal(a, a)")]
    [InlineData("a", "a::Bool")]
    [InlineData("a[0] == 1 and a['n'] == 2", "And(Equal(a[0]::Number, 1.0), Equal(a.n::Number, 2.0))")]
    [InlineData("l[-1] == 'x'", "Equal(l[-1]::String, 'x')")]
    [InlineData("ts > '2026-01-01'", "Greater(ts, 1767225600000:Timestamp)")]
    [InlineData("ts > '2026-01-01T01:00:00+01:00'", "Greater(ts, 1767225600000:Timestamp)")]
    [InlineData("ts - ts > 1h30m", "Greater(Subtract(ts, ts), 5400000:Duration)")]
    [InlineData("ts + 5m > now()", "Greater(Add(ts, 300000:Duration), now())")]
    [InlineData("5m + ts > ts", "Greater(Add(ts, 300000:Duration), ts)")]
    [InlineData("2 * d > d / 2", "Greater(Multiply(d, 2.0), Divide(d, 2.0))")]
    [InlineData("d / 5m > 0.5", "Greater(Divide(d, 300000:Duration), 0.5)")]
    [InlineData("d > -250ms", "Greater(d, -250:Duration)")]
    [InlineData("x between 1 and 2 and b", "And(And(GreaterOrEqual(x, 1.0), LessOrEqual(x, 2.0)), b)")]
    [InlineData("n in [1, 2.5]", "In(n::Number, [1.0, 2.5])")]
    [InlineData("n not in [1, -2]", "NotIn(n, [1, -2])")]
    [InlineData("a in [1, 2.5]", "In(a::Number, [1.0, 2.5])")]
    [InlineData("a in ['x', 1]", "In(a, ['x', 1])")]
    [InlineData("k in l", "InList(k, l)")]
    [InlineData("k in ['a', s]", "InList(k, ['a', s])")]
    [InlineData("k is not null", "IsNotNull(k)")]
    [InlineData("k like 'a%' or k matches '^a\\d+$'", @"Or(Like(k, 'a%'), Match(k, '^a\d+$'))")]
    [InlineData("k == 'it''s' or k == \"\"\"q\"\"\"", "Or(Equal(k, 'it's'), Equal(k, '\"q\"'))")]
    [InlineData("if(b, n, x) > 1", "Greater(If(b, n::Number, x), 1.0)")]
    [InlineData("if(b, null, x) > 1", "Greater(If(b, null:Number, x), 1.0)")]
    [InlineData("round(n) == length(l)", "Equal(Round(n::Number), Length(l)::Number)")]
    [InlineData("least(n, x, 3) > 1", "Greater(Least(n::Number, x, 3.0), 1.0)")]
    [InlineData("hour(ts, 'Europe/Berlin') == 3", "Equal(Hour(ts, 'Europe/Berlin'), 3)")]
    [InlineData("contains(k, a) and contains(l, 'x')", "And(Contains(k, a::String), Contains(l, 'x'))")]
    [InlineData("geo_distance(x, y, n, 1) > 5", "Greater(GeoDistance(x, y, n::Number, 1.0), 5.0)")]
    [InlineData("cidr_match(k, '10.0.0.0/8')", "CidrMatch(k, '10.0.0.0/8')")]
    [InlineData("x > avg(n) over prior 10m", "Greater(x, Avg(n::Number) over prior 600000 Time)")]
    [InlineData("count() over last 20 > 1", "Greater(Count() over 20 Rows, 1)")]
    [InlineData("count(x > 1) over prior 20 > 1", "Greater(Count(Greater(x, 1.0)) over prior 20 Rows, 1)")]
    [InlineData("sum(n) over 1m > sum(x) over 1m", "Greater(Sum(n) over 60000 Time::Number, Sum(x) over 60000 Time)")]
    [InlineData("delta(ts) over 1m > 3s and max(k) over 1m > 'a'",
        "And(Greater(Delta(ts) over 60000 Time, 3000:Duration), Greater(Max(k) over 60000 Time, 'a'))")]
    [InlineData("avg(d) over 1m > 3s", "Greater(Avg(d) over 60000 Time, 3000:Duration)")]
    [InlineData("quantile(x, 0.9) over 1m > ewma(x, 10m) over 1h",
        "Greater(Quantile(x, 0.9) over 60000 Time, Ewma(x, 600000) over 3600000 Time)")]
    [InlineData("length(topk(k, 3) over 1m) > 1", "Greater(Length(TopK(k, 3) over 60000 Time), 1)")]
    [InlineData("zscore(x) over prior 1h > 3", "Greater(ZScore(x) over prior 3600000 Time, 3.0)")]
    [InlineData("prev(x) < prev(n, 2) or changed(k)", "Or(Less(Prev(x, 1), Prev(n, 2)::Number), Changed(k))")]
    [InlineData("count(changed(k)) over 1h > 3", "Greater(Count(Changed(k)) over 3600000 Time, 3)")]
    [InlineData("key() == 'a'", "Equal(key(), 'a')")]
    [InlineData("1e3 < x and 1.5e-1 < x", "And(Less(1000.0, x), Less(0.15, x))")]
    public void When_Expression_Binds(string expression, string bound)
    {
        var plan = Compiled.Plan($"by: k\nwhen: |-\n  {expression}");

        Assert.Equal(bound, ExprText.Of(Assert.IsType<Plans.ConditionPlan>(plan.Detector).When));
    }

    [Theory]
    [InlineData("x", "CEP012 A condition is needed here, but 'x' is a number.")]
    [InlineData("k > 5", "CEP012 'k' is a string and '5' is an integer: they cannot be compared.")]
    [InlineData("b < b", "CEP012 Values that are bools have no order.")]
    [InlineData("k + 1 > 2", "CEP012 'k' is a string and '1' is an integer: they cannot be used with +.")]
    [InlineData("ts > 'yesterday'",
        "CEP012 'ts' is a timestamp and 'yesterday' is a string: they cannot be compared. "
        + "(a timestamp is written as '2026-01-31T12:00:00Z')")]
    [InlineData("d > 5",
        "CEP012 'd' is a duration and '5' is an integer: they cannot be compared. (a duration has a unit, as in 30s)")]
    [InlineData("x.y > 1", "CEP012 'x' is a number, which has no members.")]
    [InlineData("k[0] == 'x'", "CEP012 'k' is a string, not a list.")]
    [InlineData("n in ['a']", "CEP012 'n' is an integer, but 'a' is a string.")]
    [InlineData("n in [1, null]", "CEP012 Null is in no list. (add: or … is null)")]
    [InlineData("n in x", "CEP012 'x' is a number, not a list.")]
    [InlineData("x like 'a%'", "CEP012 'like' is for texts, but 'x' is a number.")]
    [InlineData("k like s", "CEP012 The pattern of 'like' is a text in quotes.")]
    [InlineData("if(b, k, x) == 1",
        "CEP012 Both values of 'if' have one type, but 'k' is a string and 'x' is a number.")]
    [InlineData("x ?? k == 1", "CEP012 'x' is a number and 'k' is a string: they cannot replace each other.")]
    [InlineData("temperatur > 1", "CEP011 There is no 'temperatur' in 'when'.")]
    [InlineData("window.start > ts", "CEP011 There is no window in 'when'.")]
    [InlineData("lenght(k) > 1", "CEP013 There is no function 'lenght'. (did you mean 'length'?)")]
    [InlineData("lower(x) == 'a'", "CEP014 The text of 'lower' is a string, but 'x' is a number.")]
    [InlineData("lower() == 'a'", "CEP014 'lower' takes 1 argument, not 0.")]
    [InlineData("round(x, 1, 2) > 1", "CEP014 'round' takes 1 or 2 arguments, not 3.")]
    [InlineData("greatest() > 1", "CEP014 'greatest' takes at least 1 argument, not 0.")]
    [InlineData("greatest(x, k) > 1", "CEP014 'greatest' takes a number as the first is, but 'k' is a string.")]
    [InlineData("cidr_match(k, '10.0.0.0/40')",
        "CEP014 '10.0.0.0/40' is no range of addresses. (write it as '10.0.0.0/8')")]
    [InlineData("sum(k) over 1m > 1", "CEP014 'sum' takes a number or a duration, but 'k' is a string.")]
    [InlineData("quantile(x, 2) over 1m > 1",
        "CEP014 The second argument of 'quantile' is a number from 0 to 1, written as a literal.")]
    [InlineData("prev(x, 0) > 1", "CEP014 'prev' goes back 1 to 1000 events, written as a number.")]
    [InlineData("avg(x) > 1", "CEP015 'avg' needs a range here. (write avg(…) over 10m, or over last 20)")]
    [InlineData("avg(sum(x) over 1m) over 1m > 1",
        "CEP015 'sum' stands inside another aggregate. (name it with let in a rule of its own that emits it)")]
    [InlineData("lower(k) over 1m == 'a'", "CEP015 'lower' is no aggregate: only they have a range.")]
    [InlineData("k matches 'a(?=b)'",
        "CEP016 This regular expression cannot run in linear time. "
        + "(look-around, back references, atomic groups and conditionals are not supported)")]
    [InlineData("k matches '*a'", "CEP016 This regular expression is wrong: quantifier after nothing.")]
    [InlineData("hour(ts, 'Mars') == 1",
        "CEP017 There is no time zone 'Mars'. (zones have IANA names such as Europe/Berlin)")]
    public void When_IllTypedExpression_IsReported(string expression, string message)
    {
        var result = Compiled.Rule($"by: k\nwhen: |-\n  {expression}");

        Assert.Equal(message, Compiled.Messages(result));
        Assert.Empty(result.Plan.Rules);
    }

    [Theory]
    [InlineData("x >", "CEP010 Expected an expression, found the end.")]
    [InlineData("x > 1 2", "CEP010 Expected an operator or the end, found '2'.")]
    [InlineData("(x > 1", "CEP010 Expected ')', found the end.")]
    [InlineData("n in [1, 2", "CEP010 Expected ',' or ']', found the end.")]
    [InlineData("1 < x < 2", "CEP010 Comparisons cannot be chained. (join them with and, or write x between a and b)")]
    [InlineData("x = 1", "CEP010 '=' means nothing in an expression. (equality is ==)")]
    [InlineData("b && b", "CEP010 '&&' means nothing in an expression. (write and)")]
    [InlineData("!b", "CEP010 '!' means nothing in an expression. (write not)")]
    [InlineData("k == 'a", "CEP010 This text has no closing '.")]
    [InlineData("d > 5min",
        "CEP010 '5min' is neither a number nor a duration. "
        + "(the units of durations are ms, s, m, h and d, as in 1h30m)")]
    [InlineData("n > 99999999999999999999", "CEP010 This integer does not fit 64 bits.")]
    [InlineData("x is nothing", "CEP010 Expected null after is, found 'nothing'.")]
    [InlineData("avg(x) over 20 > 1",
        "CEP010 A range is a time or a number of events. (write over last 20, or a unit as in over 20s)")]
    [InlineData("avg(x) over last 5m > 1", "CEP010 last takes a number of events. (write over 5m)")]
    [InlineData("avg(x) over 0s > 1", "CEP010 A range must be longer than nothing.")]
    public void When_UnreadableExpression_IsReported(string expression, string message) =>
        Assert.Equal(message, Compiled.Messages(Compiled.Rule($"when: |-\n  {expression}")));

    [Fact]
    public void Comparison_WithNull_WarnsAndStillRuns()
    {
        var result = Compiled.Rule("when: k == null");

        Assert.Equal("CEP101 A comparison with null is never true. (write is null)", Compiled.Messages(result));
        Assert.False(result.HasErrors);
        Assert.Single(result.Plan.Rules);
    }
}
