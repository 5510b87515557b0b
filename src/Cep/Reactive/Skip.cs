using Cep.Plans;

namespace Cep.Reactive;

/// <summary>
/// Where matching resumes after a match. Partial matches of the key that began before that point are dropped.
/// </summary>
public readonly record struct Skip
{
    private Skip(AfterMatchKind kind, string? step) => (Kind, Step) = (kind, step);

    /// <summary>After the match's last event. The default.</summary>
    public static Skip PastLast => default;

    /// <summary>At the event after the match's first: its other ways are dropped, nothing else.</summary>
    public static Skip ToNext => new(AfterMatchKind.SkipToNext, null);

    /// <summary>Nothing is dropped.</summary>
    public static Skip None => new(AfterMatchKind.NoSkip, null);

    internal AfterMatchKind Kind { get; }

    internal string? Step { get; }

    /// <summary>At the first event that the match took for a step; nothing is dropped where it took none.</summary>
    public static Skip ToFirst(string step) => new(AfterMatchKind.SkipToFirst, step);

    /// <summary>At the last event that the match took for a step; nothing is dropped where it took none.</summary>
    public static Skip ToLast(string step) => new(AfterMatchKind.SkipToLast, step);
}
