using System.CommandLine;
using Cep.Host.Rules;

namespace Cep.Cli.Commands;

/// <summary><c>cep explain</c></summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var rule = new Argument<string>("RULE") { Description = "The rule's id" };
        var rules = RuleSet.Option();
        var command = new ExampleCommand(
            "explain",
            "Show how a rule was compiled: what it reads, what it keeps.",
            "cep explain card-testing --rules rules/") { rule, rules };
        command.SetAction(parsed => Run(parsed.GetValue(rule)!, parsed.GetValue(rules)!));
        return command;
    }

    private static int Run(string id, string[] paths)
    {
        var plan = RuleSet.Compile(paths).Plan;
        var rule = plan.Rules.FirstOrDefault(r => r.Id == id)
            ?? throw new CommandFailure(
                $"there is no rule '{id}'; there are {string.Join(", ", plan.Rules.Select(r => r.Id))}");
        Console.Write(PlanText.Explain(rule, plan));
        return ExitCode.Done;
    }
}
