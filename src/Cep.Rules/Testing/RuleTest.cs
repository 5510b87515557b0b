using Cep.Plans;

namespace Cep.Rules.Testing;

/// <summary>A test of rules, ready to run by <see cref="RuleTestRunner"/>.</summary>
public sealed class RuleTest
{
    internal RuleTest(string name, string path, int line, EnginePlan plan)
    {
        Name = name;
        Path = path;
        Line = line;
        Plan = plan;
    }

    public string Name { get; }

    /// <summary>The file it is in.</summary>
    public string Path { get; }

    /// <summary>The line it begins at, from 1.</summary>
    public int Line { get; }

    /// <summary>The streams and the rules under test.</summary>
    public EnginePlan Plan { get; }

    /// <summary>Why it cannot run, or null.</summary>
    public string? Problem { get; internal init; }

    internal IReadOnlyList<GivenStep> Given { get; init; } = [];

    internal IReadOnlyList<Expectation> Expectations { get; init; } = [];

    /// <summary>No alerts but those expected may be raised.</summary>
    internal bool IsComplete { get; init; }

    internal long? UntilMs { get; init; }
}
