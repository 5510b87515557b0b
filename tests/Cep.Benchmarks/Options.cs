using System.Globalization;

namespace Cep.Benchmarks;

/// <summary>What was asked for on the command line.</summary>
internal sealed record Options
{
    public const string Usage =
        """
        Cep.Benchmarks [--quick] [--only W1,W2,…|engine|state|patterns|rules|process|storage|mqtt|live] [--events N]
            [--no-rx] [--out FILE]
        Cep.Benchmarks serve hand|rx|ours <workload> <events>     one engine; then run, rss, quit on the standard input
        Cep.Benchmarks gen <events> <file>                        writes the purchases as NDJSON
        Cep.Benchmarks mqtt-send <port> <qos> <window> <messages> publishes as fast as it can
        Cep.Benchmarks read E0|E1|E1v <file>                      the hand-written reader
        """;

    public bool Quick { get; init; }

    public string[] Only { get; init; } = [];

    public int Events { get; init; } = 1_000_000;

    public bool WithReactive { get; init; } = true;

    public string? Out { get; init; }

    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i++)
            options = args[i] switch
            {
                "--quick" => options with { Quick = true, Events = 200_000 },
                "--only" => options with { Only = args[++i].Split(',') },
                "--events" => options with { Events = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--no-rx" => options with { WithReactive = false },
                "--out" => options with { Out = args[++i] },
                _ => throw new ArgumentException($"Unknown option '{args[i]}'.\n{Usage}"),
            };
        return options;
    }

    /// <param name="name">A workload or a part.</param>
    /// <param name="part">The part it belongs to.</param>
    public bool Wants(string name, string part) => Only.Length == 0 || Only.Contains(name) || Only.Contains(part);
}
