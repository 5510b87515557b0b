using System.CommandLine;
using Cep.Connectors.Formats;
using Cep.Host.Deployments;
using Cep.Host.Rules;
using Cep.Rules;
using Cep.Rules.Diagnostics;

namespace Cep.Cli.Commands;

/// <summary><c>cep check</c></summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Files, folders or patterns",
        };
        var json = new Option<bool>("--json") { Description = "Print the problems as JSON to standard output" };
        var command = new ExampleCommand(
            "check",
            "Load and type-check rules, tests and deployment files; tells all problems with their places.",
            "cep check rules/ deployment.yaml")
        {
            paths, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(paths)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string[] paths, bool json)
    {
        var sources = RuleFiles.Read(paths, withTests: true);
        var deployments = sources.Where(DeploymentFile.IsDeployment).ToArray();
        var compiled = RuleCompiler.Compile([.. sources.Except(deployments)], RuleFiles.Load);
        List<Diagnostic> problems = [.. compiled.Diagnostics];
        foreach (var deployment in deployments)
            problems.AddRange(DeploymentFile.Read(deployment, Environment.GetEnvironmentVariable).Diagnostics);
        if (json)
            WriteJson(problems);
        else
            RuleSet.Print(problems, sources);
        var errors = problems.Count(p => p.Severity == DiagnosticSeverity.Error);
        if (!json)
            Summarize(sources.Count, compiled, errors, problems.Count - errors);
        return errors > 0 ? ExitCode.CouldNotRun : ExitCode.Done;
    }

    private static void Summarize(int files, CompileResult compiled, int errors, int warnings)
    {
        var problems = errors == 0 && warnings == 0
            ? Output.Green("no problems")
            : $"{(errors > 0 ? Output.Red(Count(errors, "error")) : "no errors")}, {Count(warnings, "warning")}";
        var rules = Count(compiled.Plan.Rules.Count, "rule");
        Console.WriteLine($"{Count(files, "file")}, {rules}, {Count(compiled.Tests.Count, "test")}: {problems}");
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static void WriteJson(IEnumerable<Diagnostic> problems)
    {
        var buffer = new Utf8Buffer();
        AlertJson.Value(buffer, problems.Select(p => new Dictionary<string, object?>
        {
            ["file"] = p.Path,
            ["line"] = p.Span.Line,
            ["column"] = p.Span.Column,
            ["length"] = p.Span.Length,
            ["severity"] = p.Severity == DiagnosticSeverity.Error ? "error" : "warning",
            ["id"] = p.Id,
            ["message"] = p.Message,
            ["hint"] = p.Hint,
        }));
        buffer.Raw((byte)'\n');
        using var output = Console.OpenStandardOutput();
        output.Write(buffer.Written);
    }
}
