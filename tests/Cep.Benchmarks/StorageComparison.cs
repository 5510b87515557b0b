using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Ours;
using Cep.Events;
using Cep.Host.Backtesting;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Host.Running;
using Cep.Rules;
using Cep.Storage;
using Cep.Storage.Embedded;
using Cep.Storage.Journal;

namespace Cep.Benchmarks;

/// <summary>What durable state costs: the journal, checkpoints, recovery, reading history again.</summary>
internal sealed class StorageComparison(Options options, Report report)
{
    private const string Fields =
        "{ts: timestamp, card: string, amount: number, merchant: string, country: string, kind: string}";

    private static readonly RuleTexts Velocity = Rule("let: {n: count() over 60s}\n    when: n >= 2000");
    private readonly string _folder = Directory.CreateTempSubdirectory("cep-storage-").FullName;

    public void Run()
    {
        try
        {
            var events = PurchaseGenerator.InOrder(options.Events);
            report.Heading($"Durable state, {options.Events:N0} events of 6 fields");
            report.Head("what", "measured", "must", "goal");
            Codec(events);
            Overhead(events);
            Pause();
            Recovery(events);
        }
        finally
        {
            Directory.Delete(_folder, true);
        }
    }

    private static RuleTexts Rule(string detector)
    {
        var text = $"streams:\n  purchases: {{time: ts, fields: {Fields}}}\nrules:\n  - rule: r\n    on: purchases\n"
            + $"    by: card\n    {detector}\n";
        var texts = new[] { new SourceText("rules.yaml", text) };
        return new RuleTexts(RuleCompiler.Compile(texts).Plan, texts);
    }

    private static StreamSchema Schema => Velocity.Plan.Streams[0].Schema;

    private void Codec(Purchase[] events)
    {
        var batches = Batches.Build(Schema, events, 4096);
        var encoder = new BatchEncoder();
        byte[][] bodies = [.. batches.Select(encoder.Encode)];
        var encode = Best(() => batches.ForEach(b => encoder.Encode(b)));
        var decode = Best(() =>
        {
            var decoder = new BatchDecoder(Schema);
            foreach (var body in bodies)
                decoder.Decode(body, 0);
        });
        report.Row("journal: bytes an event", Report.Number(bodies.Sum(b => (double)b.Length) / events.Length), "", "");
        report.Row("journal: encode, M/s", Report.Millions(events.Length / encode), "", "");
        report.Row("journal: decode all fields, M/s", Report.Millions(events.Length / decode), "", "");
    }

    private void Overhead(Purchase[] events)
    {
        var path = Path.Combine(_folder, "events.ndjson");
        PurchaseFile.Write(path, events);
        double Files(StateSettings? state) => Best(() => Live(
            state, [new FileSettings("purchases", path, false)], events.Length, null));
        var without = Files(null);
        var with = Files(State("file"));
        report.Row("file, without state, M/s", Report.Millions(events.Length / without), "", "");
        report.Row("file, with state, M/s", Report.Millions(events.Length / with), "", "");
        report.Row("journal's share of that, %", Report.Number(100 * (with - without) / without, "0"), "30", "");

        var bytes = File.ReadAllBytes(path);
        double Tcp(StateSettings? state) => Best(() => Live(
            state, [new TcpSettings("purchases", true, "127.0.0.1", 0)], events.Length, bytes));
        report.Row("TCP, without state, M/s", Report.Millions(events.Length / Tcp(null)), "", "");
        report.Row("TCP, with state, M/s", Report.Millions(events.Length / Tcp(State("tcp"))), "0.40", "1.00");
    }

    /// <summary>Runs a deployment until all events are through; with bytes, sends them to its port first.</summary>
    private static void Live(StateSettings? state, SourceSettings[] sources, long events, byte[]? bytes)
    {
        if (state is not null && Directory.Exists(state.Folder))
            Directory.Delete(state.Folder, true);
        var port = new TaskCompletionSource<int>();
        void Log(string line)
        {
            if (line.StartsWith("source tcp listen ", StringComparison.Ordinal))
                port.TrySetResult(System.Net.IPEndPoint.Parse(line.Split(' ')[3]).Port);
        }

        var deployment = new Deployment { Rules = [], Sources = sources, State = state };
        using var stop = new CancellationTokenSource();
        using var running = DeploymentStart.Create(deployment, Velocity, TimeProvider.System, Log);
        var run = running.RunAsync(stop.Token);
        if (bytes is not null)
        {
            using var peer = new TcpClient("127.0.0.1", port.Task.Result);
            peer.GetStream().Write(bytes);
        }

        while (running.Progress.Events < events && !run.IsCompleted)
            Thread.Sleep(1);
        stop.Cancel();
        run.GetAwaiter().GetResult();
    }

    private void Pause()
    {
        var keys = options.Quick ? 100_000 : 1_000_000;
        report.Row(
            $"checkpoint of {keys:N0} keys, one event each, of", "MB / wait, ms / written, ms", "wait 100", "20");
        Pause("a moving count", keys, "when: count() over 1h >= 5");
        Pause("a condition for 2m", keys, "when: amount > 1\n    for: 2m");
        Pause("silence", keys, "silent: 1h");
        Pause("sessions", keys, "window: session gap 1h\n    select: {n: count(), total: sum(amount)}");
        Pause("a pattern", keys, "pattern: a -> b\n    within: 1h\n    define: {a: amount > 1, b: amount > 100}");
    }

    private void Pause(string what, int keys, string detector)
    {
        var rules = Rule(detector);
        using var playback = new Playback(rules, 1);
        foreach (var batch in Keys(rules.Plan.Streams[0].Schema, keys))
            playback.Engine.Push(batch);
        var checkpoint = new Checkpoint();
        var times = new List<double>();
        for (var n = 0; n < 4; n++)
        {
            var clock = Stopwatch.StartNew();
            checkpoint.Begin(1, 1, rules.Name, 0);
            playback.Engine.Save(checkpoint.Add("engine"));
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        using var store = EmbeddedStore.Open(Path.Combine(_folder, "pause-" + what));
        var writing = Stopwatch.StartNew();
        long bytes = 0;
        foreach (var group in checkpoint.Writes().Chunk(4))
        {
            bytes += group.OfType<KeepPiece>().Sum(p => (long)p.Bytes.Length);
            store.Commit(group);
        }

        var size = Report.Number(bytes / 1e6, "0");
        var (first, later) = (Report.Number(times[0], "0"), Report.Number(times.Skip(1).Min(), "0"));
        report.Row(what, $"{size} / {first}, then {later} / {writing.ElapsedMilliseconds}", "", "");
    }

    private static IEnumerable<EventBatch> Keys(StreamSchema schema, int keys) => Batches.Build(
        schema,
        [.. Enumerable.Range(0, keys).Select(i => new Purchase(
            PurchaseGenerator.StartMs - keys / 1000 + i / 1000, $"k{i:D7}", 10, "m0001", "DE", "purchase"))],
        4096);

    private void Recovery(Purchase[] events)
    {
        var journalled = options.Quick ? 1_000_000 : 10_000_000;
        var keys = options.Quick ? 100_000 : 1_000_000;
        var state = State("recovery");
        Fill(state, events, journalled, keys);
        var deployment = new Deployment { Rules = [], Sources = [], State = state };
        var clock = Stopwatch.StartNew();
        KeptState.Open(deployment, Velocity, TimeProvider.System, report.Line).Dispose();
        var seconds = Report.Number(clock.Elapsed.TotalSeconds);
        report.Row($"recovery: {keys:N0} keys, {journalled:N0} events, s", seconds, "20", "");

        var size = new DirectoryInfo(state.Folder).EnumerateFiles().Sum(f => f.Length);
        report.Row("state folder, MB", Report.Number(size / 1e6, "0"), "", "");
        Backtest("backtest: a moving count, M/s", Velocity, state);
        Backtest("backtest: a pattern, M/s", Rule(
            "pattern: a -> b -> c\n    within: 10m\n    define: {a: amount < 5, b: amount < 5, c: amount > 1400}"),
            state);
        Backtest("backtest: windows, M/s", Rule(
            "window: tumbling 60s\n    select: {n: count(), total: sum(amount)}\n    when: n > 100"), state);
    }

    private void Backtest(string what, RuleTexts rules, StateSettings state)
    {
        long events = 0;
        var seconds = Best(() =>
        {
            using var store = EmbeddedReader.Open(state.Folder);
            var backtest = new Backtest(rules, new BacktestOptions());
            backtest.Run(store, _ => { });
            events = backtest.Events;
        });
        report.Row(what, Report.Millions(events / seconds), "5", "15");
    }

    /// <summary>A checkpoint with many keys, then a long journal that it does not include.</summary>
    private static void Fill(StateSettings state, Purchase[] events, int journalled, int keys)
    {
        using var store = EmbeddedStore.Open(state.Folder);
        using var playback = new Playback(Velocity, 1);
        foreach (var batch in Keys(Schema, keys))
            playback.Engine.Push(batch);
        store.Commit(
        [
            new KeepRules(Velocity.Name, Velocity.Encode()),
            new KeepRecord(new JournalRecord(1, RecordKind.Rules, Encoding.UTF8.GetBytes(Velocity.Name))),
        ]);
        var checkpoint = new Checkpoint();
        checkpoint.Begin(1, 1, Velocity.Name, 0);
        playback.Engine.Save(checkpoint.Add(Playback.EngineSection));
        playback.SaveIdle(checkpoint.Add(Playback.IdleSection));
        foreach (var group in checkpoint.Writes().Chunk(8))
            store.Commit(group);
        var (encoder, sequence) = (new BatchEncoder(), 1L);
        var span = events[^1].Ts - events[0].Ts + 1;
        for (var round = 0; round * events.Length < journalled; round++)
        {
            Purchase[] shifted = [.. events.Select(e => e with { Ts = e.Ts + round * span })];
            foreach (var group in Batches.Build(Schema, shifted, 4096).Chunk(16))
                store.Commit([.. group.Select(b => new KeepRecord(
                    new JournalRecord(++sequence, RecordKind.Events, encoder.Encode(b))
                    {
                        Stream = "purchases",
                        FirstPosition = b.Positions[0] + round * events.Length,
                        Events = b.Count,
                        FirstMs = b.Times[0],
                        LastMs = b.Times[b.Count - 1],
                    }))]);
        }
    }

    private StateSettings State(string name) => new(Path.Combine(_folder, name));

    private double Best(Action action)
    {
        var best = double.MaxValue;
        for (var n = 0; n < (options.Quick ? 2 : 4); n++)
        {
            var clock = Stopwatch.StartNew();
            action();
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }

        return best;
    }
}
