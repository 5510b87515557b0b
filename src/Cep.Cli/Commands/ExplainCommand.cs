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
        var mermaid = new Option<bool>("--mermaid")
        {
            Description = "Draw a pattern's automaton as a Mermaid state diagram",
        };
        var command = new ExampleCommand(
            "explain",
            "Show how a rule was compiled: what it reads, what it keeps.",
            "cep explain card-testing --rules rules/") { rule, rules, mermaid };
        command.SetAction(parsed => Run(parsed.GetValue(rule)!, parsed.GetValue(rules)!, parsed.GetValue(mermaid)));
        return command;
    }

    private static int Run(string id, string[] paths, bool mermaid)
    {
        var plan = RuleSet.Compile(paths).Plan;
        var rule = RuleSet.Find(plan, id);
        Console.Write(mermaid
            ? PlanText.Mermaid(rule) ?? throw new CommandFailure($"'{id}' is no pattern: there is nothing to draw")
            : PlanText.Explain(rule, plan));
        return ExitCode.Done;
    }
}
