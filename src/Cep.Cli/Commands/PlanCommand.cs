using System.CommandLine;
using Cep.Connectors.Formats;
using Cep.Host.Backtesting;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Host.Rules;
using Cep.Plans;
using Cep.Rules;

namespace Cep.Cli.Commands;

/// <summary><c>cep plan</c></summary>
internal static class PlanCommand
{
    private static readonly Argument<string> File = KeptArguments.File();
    private static readonly Option<bool> Json = KeptArguments.Json("what becomes of each rule");
    private static readonly Option<string[]> From = Paths("--from", "The rules that run");
    private static readonly Option<string[]> To = Paths("--to", "The rules that are to take their place");

    public static Command Create()
    {
        var command = new ExampleCommand(
            "plan",
            "Say what changed rules would do to a deployment: which keep their state, which start fresh.",
            "cep plan deployment.yaml")
        {
            File, From, To, Json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(File)!, parsed.GetValue(From) ?? [], parsed.GetValue(To) ?? [], parsed.GetValue(Json)));
        return command;
    }

    private static Option<string[]> Paths(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PATH…",
        AllowMultipleArgumentsPerToken = true,
    };

    private static int Run(string file, string[] from, string[] to, bool json)
    {
        if (from.Length > 0 != to.Length > 0)
            throw new CommandFailure("--from and --to go together");
        var (was, now) = from.Length > 0
            ? (RuleSet.CompileTexts(from).Plan, RuleSet.CompileTexts(to).Plan)
            : OfDeployment(file);
        var changes = PlanComparison.Compare(was, now);
        if (json)
            WriteJson(changes);
        else
            foreach (var change in changes)
                Console.WriteLine($"{change.Rule} {RuleChangeText.Text(change)}");
        return ExitCode.Done;
    }

    private static (EnginePlan Was, EnginePlan Now) OfDeployment(string path)
    {
        var text = RuleFiles.Load(path) ?? throw new CommandFailure($"{path}: the deployment file can't be read");
        var source = new SourceText(path, text);
        var read = DeploymentFile.Read(source, name => Environment.GetEnvironmentVariable(name) ?? "");
        if (read.Deployment is not { } deployment)
        {
            RuleSet.Print(read.Diagnostics, [source]);
            throw new CommandFailure("");
        }

        var now = RuleSet.CompileTexts([.. deployment.Rules]).Plan;
        using var store = StateFolder.Open(path);
        return (RunningRules.Of(store).Plan, now);
    }

    private static void WriteJson(IReadOnlyList<RuleChange> changes)
    {
        var buffer = new Utf8Buffer();
        buffer.Raw("["u8);
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i];
            buffer.Raw(i == 0 ? "{\"rule\":"u8 : ",{\"rule\":"u8);
            buffer.String(change.Rule);
            buffer.Raw(",\"fate\":"u8);
            buffer.String(Fate(change.Fate));
            buffer.Raw(",\"parts\":["u8);
            for (var n = 0; n < change.Parts.Count; n++)
            {
                if (n > 0)
                    buffer.Raw((byte)',');
                buffer.String(change.Parts[n]);
            }

            buffer.Raw("],\"text\":"u8);
            buffer.String(RuleChangeText.Text(change));
            buffer.Raw((byte)'}');
        }

        buffer.Raw("]\n"u8);
        using var output = Console.OpenStandardOutput();
        output.Write(buffer.Written);
    }

    private static string Fate(RuleFate fate) => fate switch
    {
        RuleFate.KeepsState => "keeps-state",
        RuleFate.StartsFresh => "starts-fresh",
        _ => fate.ToString().ToLowerInvariant(),
    };
}
