using Cep.Plans;

namespace Cep.Rules.Testing;

/// <summary>An alert that a test expects; what is null may be anything.</summary>
internal sealed record Expectation
{
    public string? Rule { get; init; }

    public long? AtMs { get; init; }

    public AlertStatus? Status { get; init; }

    public Severity? Severity { get; init; }

    public string? Message { get; init; }

    /// <summary>One value, the parts' values or a mapping by name; where <see cref="HasKey"/>.</summary>
    public object? Key { get; init; }

    public bool HasKey { get; init; }

    public IReadOnlyList<KeyValuePair<string, object?>> Fields { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>For each step the indexes into <c>given</c> of its events.</summary>
    public IReadOnlyList<StepEvents>? Matched { get; init; }

    public long? StartMs { get; init; }

    public long? EndMs { get; init; }

    public int? Revision { get; init; }
}

/// <summary>The indexes into <c>given</c> of the events that a step of a pattern took.</summary>
internal sealed record StepEvents(string Step, IReadOnlyList<int> Given);
