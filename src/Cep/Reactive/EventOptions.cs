using System.Linq.Expressions;
using Cep.Plans;

namespace Cep.Reactive;

/// <summary>What all operators over events have.</summary>
/// <typeparam name="T">The type of the events.</typeparam>
public abstract record EventOptions<T>
{
    /// <summary>The rule's id in the plan; by default the operator's name.</summary>
    public string? Name { get; init; }

    /// <summary>A filter before anything else; by default all events pass.</summary>
    public Expression<Func<T, bool>>? Where { get; init; }

    /// <summary>Gets the events that came too late to be looked at; by default they are dropped.</summary>
    public IObserver<T>? Late { get; init; }
}

/// <summary>Options of a condition.</summary>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed record ConditionOptions<T> : EventOptions<T>
{
    /// <summary>
    /// The condition must hold at every event of the key for this time before it fires, at the deadline. Whole
    /// milliseconds; default 0: it fires at once.
    /// </summary>
    public TimeSpan For { get; init; }

    /// <summary>
    /// What resolves a firing detection; by default, where <see cref="For"/> is set, that the condition no longer
    /// holds.
    /// </summary>
    public Expression<Func<T, Moving<T>, bool>>? Resolve { get; init; }

    /// <summary>
    /// A condition without a state fires only where it turns true for the key. Goes neither with <see cref="For"/> nor
    /// with <see cref="Resolve"/>, which fire once anyhow.
    /// </summary>
    public bool Rising { get; init; }

    /// <summary>
    /// The condition is also looked at for every key on this beat, aligned to the epoch, so that a falling count is
    /// seen without new events. Whole milliseconds; default 0: at events only.
    /// </summary>
    public TimeSpan Every { get; init; }
}

/// <summary>Options of a silence.</summary>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed record SilenceOptions<T> : EventOptions<T>;

/// <summary>Options of a pattern.</summary>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed record PatternOptions<T> : EventOptions<T>;

/// <summary>Options of a window.</summary>
/// <typeparam name="T">The type of the events.</typeparam>
/// <typeparam name="TResult">The type of what the window selects.</typeparam>
public sealed record WindowOptions<T, TResult> : EventOptions<T>
{
    /// <summary>A condition over what is selected; by default every window is reported.</summary>
    public Expression<Func<TResult, bool>>? When { get; init; }

    /// <summary>When a window is reported; by default once, at its close.</summary>
    public WindowReport Report { get; init; }

    /// <summary>The beat of <see cref="WindowReport.Every"/>, from the window's start. Whole milliseconds.</summary>
    public TimeSpan Every { get; init; }

    /// <summary>
    /// How long after its end a window still takes late events and is reported again. Whole milliseconds; default 0.
    /// </summary>
    public TimeSpan AllowedLateness { get; init; }

    /// <summary>Shifts windows that are aligned to the clock. Whole milliseconds; default 0.</summary>
    public TimeSpan Offset { get; init; }
}
