using System.CommandLine;
using Cep.Connectors.Formats;
using Cep.Host.Deployments;
using Cep.Host.Rules;
using Cep.Rules;
using Cep.Rules.Testing;

namespace Cep.Cli.Commands;

/// <summary><c>cep test</c></summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Files, folders or patterns",
        };
        var json = new Option<bool>("--json") { Description = "Print the results as JSON to standard output" };
        var command = new ExampleCommand(
            "test",
            "Run the tests of rules; ends with 'N passed, N failed'.",
            "cep test rules/") { paths, json };
        command.SetAction(parsed => Run(parsed.GetValue(paths)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string[] paths, bool json)
    {
        var sources = RuleFiles.Read(paths, withTests: true).Where(s => !DeploymentFile.IsDeployment(s)).ToList();
        var compiled = RuleCompiler.Compile(sources, RuleFiles.Load);
        RuleSet.Print(compiled.Diagnostics, sources);
        var results = compiled.Tests.Select(RuleTestRunner.Run).ToList();
        if (json)
            WriteJson(results);
        else
            Print(results);
        if (results.Exists(r => !r.Passed))
            return ExitCode.FoundWrong;
        return compiled.HasErrors ? ExitCode.CouldNotRun : ExitCode.Done;
    }

    private static void Print(List<RuleTestResult> results)
    {
        foreach (var result in results.Where(r => !r.Passed))
        {
            Console.WriteLine($"{Output.Red("FAILED")} {result.Test.Path}:{result.Test.Line}: {result.Test.Name}");
            Console.WriteLine(result.Failure?.TrimEnd('\n'));
        }

        var failed = results.Count(r => !r.Passed);
        Console.WriteLine($"{results.Count - failed} passed, {failed} failed");
    }

    private static void WriteJson(List<RuleTestResult> results)
    {
        var buffer = new Utf8Buffer();
        AlertJson.Value(buffer, new Dictionary<string, object?>
        {
            ["passed"] = results.Count(r => r.Passed),
            ["failed"] = results.Count(r => !r.Passed),
            ["tests"] = results.Select(r => new Dictionary<string, object?>
            {
                ["name"] = r.Test.Name,
                ["file"] = r.Test.Path,
                ["line"] = r.Test.Line,
                ["passed"] = r.Passed,
                ["failure"] = r.Failure,
            }),
        });
        buffer.Raw((byte)'\n');
        using var output = Console.OpenStandardOutput();
        output.Write(buffer.Written);
    }
}
