using System.Reactive.Concurrency;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;
using Cep.Detection;

namespace Cep.Benchmarks.Workloads;

/// <summary>One thing to measure, for all engines.</summary>
/// <param name="Name">W1 …</param>
/// <param name="Title">What it is.</param>
/// <param name="Yaml">The rules, without the stream.</param>
/// <param name="Hand">The hand-written loop.</param>
/// <param name="Reactive">The plain System.Reactive pipeline.</param>
/// <param name="Value">What a detection adds to the check, to compare with the others' sum.</param>
internal sealed record Workload(
    string Name,
    string Title,
    string Yaml,
    Action<Purchase[], Tally> Hand,
    Func<IObservable<Purchase>, IScheduler, IObservable<double>> Reactive,
    Func<HostedRule, Detected, double> Value)
{
    public bool OutOfOrder { get; init; }

    /// <summary>Whether the plain pipeline needs the virtual clock.</summary>
    public bool Timed { get; init; } = true;

    /// <summary>How fast we must be, as a share of the hand-written loop.</summary>
    public double Must { get; init; }

    /// <summary>How fast we want to be, as a share of the hand-written loop.</summary>
    public double Goal { get; init; }

    /// <summary>The whole rule file.</summary>
    public string RuleFile =>
        $$"""
        streams:
          purchases:
            time: ts
            out_of_order: {{(OutOfOrder ? "5s" : "0s")}}
            fields: {ts: timestamp, card: string, amount: number, merchant: string, country: string, kind: string}
        rules:
        {{Yaml}}
        """;
}
