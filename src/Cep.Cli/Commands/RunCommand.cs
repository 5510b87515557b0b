using System.CommandLine;
using System.Runtime.InteropServices;
using Cep.Host.Deployments;
using Cep.Host.Rules;
using Cep.Host.Running;
using Cep.Rules;

namespace Cep.Cli.Commands;

/// <summary><c>cep run</c></summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => "deployment.yaml",
            Description = "The deployment file",
        };
        var command = new ExampleCommand(
            "run",
            "Run a deployment until it is stopped; SIGTERM and Ctrl+C drain it.",
            "cep run deployment.yaml") { file };
        command.SetAction(parsed => Run(parsed.GetValue(file)!));
        return command;
    }

    /// <summary>Calls back once when the process is asked to stop, instead of ending it.</summary>
    public static IDisposable OnStop(Action stop)
    {
        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            stop();
        }

        return new Signals(
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle));
    }

    private static int Run(string path)
    {
        var source = RuleFiles.Load(path) is { } text
            ? new SourceText(path, text)
            : throw new CommandFailure($"{path}: the deployment file can't be read");
        var read = DeploymentFile.Read(source, Environment.GetEnvironmentVariable);
        RuleSet.Print(read.Diagnostics, [source]);
        if (read.Deployment is not { } deployment)
            return ExitCode.CouldNotRun;
        var rules = RuleSet.CompileTexts([.. deployment.Rules]);
        using var stop = new CancellationTokenSource();
        using var signals = OnStop(stop.Cancel);
        using var running = DeploymentStart.Create(deployment, rules, TimeProvider.System, Log);
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            running.ReloadRules();
        });
        Log($"running {rules.Plan.Rules.Count} rules");
        var summary = running.RunAsync(stop.Token).GetAwaiter().GetResult();
        var delivered = string.Join(", ", summary.Delivered.Select(d => $"{d.Value} to {d.Key}"));
        Log($"stopped: {summary.Events} events ({summary.Rejected} rejected), "
            + $"{summary.Alerts} alerts, delivered {delivered}");
        return ExitCode.Done;
    }

    private static void Log(string line) => Console.Error.WriteLine(line);

    private sealed record Signals(IDisposable Term, IDisposable Interrupt) : IDisposable
    {
        public void Dispose()
        {
            Term.Dispose();
            Interrupt.Dispose();
        }
    }
}
