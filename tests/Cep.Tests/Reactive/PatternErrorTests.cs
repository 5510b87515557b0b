using System.Reactive.Subjects;
using Cep.Plans;
using Cep.Reactive;
using Xunit;
using static Cep.Tests.Reactive.Marbles;

namespace Cep.Tests.Reactive;

/// <summary>What the compiler of rules refuses, the builder refuses too, and says what to do.</summary>
public sealed class PatternErrorTests
{
    private static readonly Pattern<Reading> A = Pattern.Begin<Reading>("a", x => x.Value < 5);
    private static readonly Pattern<Reading> B = Pattern.Begin<Reading>("b", x => x.Value > 5);

    private static readonly Dictionary<string, Pattern<Reading>> Wrong = new()
    {
        ["It is not said until when this must not come. Give the link in front"] = A.NotFollowedBy(B),
        ["It is not said how long before the match"] = Pattern.BeginNot(B).FollowedBy(A),
        ["A match takes at least one event"] = Pattern.BeginNot(B),
        ["Matches(All) reports every one"] =
            A.FollowedBy(B).Report(PatternReport.Longest).Matches(PatternMatches.All),
        ["Matches(Latest) takes steps"] = A.OneOrMore().FollowedBy(B).Matches(PatternMatches.Latest),
        ["The pattern has no step 'c'; its steps are a, b"] = A.FollowedBy(B).AfterMatch(Skip.ToLast("c")),
        ["The pattern has no step 'd'; its steps are a, c"] = A.FollowedBy("c", (x, m) => m.Count("d") > x.Value),
        ["The step 'a' has more than one condition"] = A.FollowedBy("a", x => x.Value > 7),
        ["The step 'a' has more than one Until"] =
            A.OneOrMore().Until(x => x.Value > 1).FollowedBy("a").OneOrMore().Until(x => x.Value > 2),
        ["events, repetitions counted"] = Pattern.Begin(A.Times(1000)).Times(1000),
    };

    public static TheoryData<string> Messages => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Messages))]
    public void DetectPattern_PartsDoNotGoTogether_SaysWhatToDo(string message)
    {
        var problem = Assert.Throws<ArgumentException>(
            () => new Subject<Reading>().DetectPattern(Wrong[message], time: x => x.Ts));

        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DetectPattern_WholeEventAsAValue_SaysToNameAField()
    {
        var pattern = A.FollowedBy("c", (x, m) => m.Last("a") == x);

        var problem = Assert.Throws<NotSupportedException>(
            () => new Subject<Reading>().DetectPattern(pattern, time: x => x.Ts));

        Assert.Contains("name one of its fields", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Builder_ElementCannotBeRepeated_SaysWhy()
    {
        Assert.Contains("a group", Refused(() => A.OneOrMore().Times(2)), StringComparison.Ordinal);
        Assert.Contains("negated", Refused(() => A.NotFollowedBy(B).Optional()), StringComparison.Ordinal);
        Assert.Contains(
            "take an event", Refused(() => A.FollowedBy(Pattern.BeginNot(B)).Times(2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Builder_NoLoop_SaysToMakeOne()
    {
        Assert.Contains("OneOrMore()", Refused(() => A.Reluctant()), StringComparison.Ordinal);
        Assert.Contains("OneOrMore()", Refused(() => A.Possessive()), StringComparison.Ordinal);
        Assert.Contains("OneOrMore()", Refused(() => A.Until(x => x.Value > 1)), StringComparison.Ordinal);
        Assert.Contains("neither", Refused(() => A.Joined(LinkKind.Any)), StringComparison.Ordinal);
        Assert.Contains(
            "group", Refused(() => Pattern.Begin(A.Next(B)).Times(2).Until(x => x.Value > 1)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Builder_ArgumentsThatAreNone_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => A.FollowedBy("Not a name"));
        Assert.Throws<ArgumentException>(() => A.FollowedBy(B, after: Ms(5), within: Ms(4)));
        Assert.Throws<ArgumentException>(() => A.FollowedBy(B.Within(Ms(4))));
        Assert.Throws<ArgumentException>(() => A.NotFollowedBy(B.FollowedBy("c")));
        Assert.Throws<ArgumentException>(() => Pattern.Or(A));
        Assert.Throws<ArgumentException>(() => Pattern.Or(A, Pattern.BeginNot(B)));
        Assert.Throws<ArgumentException>(() => Pattern.AnyOrder(A, B, A, B, A, B, A, B, A));
        Assert.Throws<ArgumentOutOfRangeException>(() => A.Within(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => A.FollowedBy(B, within: Ms(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => A.Times(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => A.Times(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => A.AtLeast(-1));
    }

    private static string Refused(Func<Pattern<Reading>> build) =>
        Assert.Throws<InvalidOperationException>(build).Message;
}
