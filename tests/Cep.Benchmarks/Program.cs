using System.Globalization;
using Cep.Benchmarks;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Hand;
using Cep.Benchmarks.Mqtt;
using Cep.Benchmarks.Processes;
using Cep.Benchmarks.Workloads;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["serve", var engine, var workload, var count]:
        Serve.Run(EngineComparison.Contestant(engine, WorkloadTable.Find(workload), Number(count)));
        break;
    case ["gen", var count, var path]:
        PurchaseFile.Write(path, PurchaseGenerator.InOrder(Number(count)));
        break;
    case ["read", "E0", var path]:
        Console.WriteLine($"{FileLoop.Read(path).Count} events");
        break;
    case ["read", "E1", var path]:
        Console.WriteLine($"{FileLoop.ReadAndMatch(path, path + ".out").Count} matches");
        break;
    case ["read", "E1v", var path]:
        Console.WriteLine($"{FileLoop.ReadAndCount(path, path + ".out").Count} matches");
        break;
    case ["mqtt-send", var port, var qos, var window, var count]:
        Sender.Run(Number(port), Number(qos), Number(window), Number(count));
        break;
    default:
        Compare(Options.Parse(args));
        break;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static void Compare(Options options)
{
    var report = new Report();
    report.Line($"# Speed\n\n{Environment.ProcessorCount} processors, .NET {Environment.Version}");
    if (options.Only.Length == 0 || options.Only.Any(o => o == "engine" || o[0] == 'W'))
        new EngineComparison(options, report).Run();
    if (options.Wants("state", "state"))
        new StateComparison(options, report).Run();
    if (options.Wants("patterns", "patterns"))
        new PatternComparison(options, report).Run();
    if (options.Wants("rules", "rules"))
        new RuleComparison(options, report).Run();
    if (options.Wants("storage", "storage"))
        new StorageComparison(options, report).Run();
    if (options.Wants("process", "process"))
        new ProcessComparison(options, report).Run();
    if (options.Wants("mqtt", "mqtt"))
        new MqttComparison(options, report).Run();
    if (options.Wants("live", "live"))
        new LiveComparison(options, report).Run();
    if (options.Out is not null)
        report.Save(options.Out);
}
