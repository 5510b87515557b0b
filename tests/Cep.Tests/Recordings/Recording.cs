using Cep.Alerts;
using Cep.Connectors.Files;
using Cep.Connectors.Formats;
using Cep.Events;
using Cep.Rules;

namespace Cep.Tests.Recordings;

/// <summary>Recorded inputs and the rules of one domain over them, which are run once and all together.</summary>
/// <param name="Rules">The file of rules beside this one.</param>
/// <param name="Id">The field that names an event.</param>
/// <param name="Files">For each stream its recording, from <see cref="Root"/>.</param>
internal sealed record Recording(string Rules, string Id, params (string Stream, string File)[] Files)
{
    public const string Variable = "CEP_DATA";

    private const int BatchRows = 4096;
    private static readonly Dictionary<string, RecordedRun> Known = [];

    public static readonly Recording[] All =
    [
        new("nab", "seq",
            ("machine_temperature", "iot/nab/machine_temperature_system_failure.ndjson"),
            ("ambient_temperature", "iot/nab/ambient_temperature_system_failure.ndjson"),
            ("request_latency", "iot/nab/ec2_request_latency_system_failure.ndjson")),
        new("ai4i", "uid", ("machines", "iot/ai4i/ai4i2020.ndjson")),
        new("skab", "seq", ("bench", "iot/skab/skab.ndjson.gz")),
        new("batadal", "seq",
            ("plant_2016", "iot/batadal/batadal_04.ndjson"), ("plant_2017", "iot/batadal/batadal_test.ndjson")),
        new("fdh", "tx_id", ("payments", "fraud/fdh/fdh_stream.ndjson.gz")),
        new("amlsim", "seq", ("transfers", "fraud/amlsim/20K_fanin200cycle200.ndjson.gz")),
        new("sparkov", "seq", ("payments", "fraud/sparkov/sparkov_120cards.ndjson.gz")),
        new("paysim", "seq", ("transactions", "fraud/paysim/paysim_sample.ndjson.gz")),
        new("tabformer", "seq", ("payments", "fraud/tabformer/user0.ndjson")),
        new("secrepo", "seq", ("auth", "security/secrepo/auth.ndjson")),
        new("honeybucket", "seq", ("requests", "security/otrf/aws_s3_honeybucket.ndjson")),
        new("exfiltration", "seq", ("calls", "security/otrf/aws_ec2_proxy_s3_exfiltration.ndjson")),
    ];

    /// <summary>The folder with the recordings, or null.</summary>
    public static string? Root =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } root && Directory.Exists(root) ? root : null;

    /// <summary>What the rules give; run once.</summary>
    public RecordedRun Run()
    {
        lock (Known)
            return Known.TryGetValue(Rules, out var run) ? run : Known[Rules] = RunAnew();
    }

    private RecordedRun RunAnew()
    {
        var path = Path.Combine(Repository.Root, "tests", "Cep.Tests", "Recordings", Rules + ".yaml");
        var compiled = RuleCompiler.Compile([new SourceText(Path.GetFileName(path), File.ReadAllText(path))]);
        if (compiled.Diagnostics.Count > 0)
            throw new InvalidDataException(string.Join('\n', compiled.Diagnostics));
        var alerts = new List<Alert>();
        using var engine = new Engine(compiled.Plan);
        using var subscription = engine.Alerts.Subscribe(alerts.AddRange);
        foreach (var (stream, file) in Files)
        {
            var schema = compiled.Plan.Streams.First(s => s.Schema.Name == stream).Schema;
            foreach (var batch in Read(file, schema, engine.FieldsRead(stream)))
                engine.Push(batch);
        }

        engine.Complete();
        return new RecordedRun(alerts.ToLookup(a => a.Rule), engine.Ledger);
    }

    private static IEnumerable<EventBatch> Read(string file, StreamSchema schema, bool[] wanted)
    {
        using var input = RecordedInput.Open(
            Path.Combine(Root!, file), schema, new DecoderOptions(Wanted: wanted), BatchRows);
        while (input.Next() is { } batch)
            yield return batch;
    }
}

/// <summary>The alerts of each rule over a recording.</summary>
internal sealed record RecordedRun(ILookup<string, Alert> Alerts, Ledger Ledger);
