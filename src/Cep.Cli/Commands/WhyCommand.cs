using System.CommandLine;
using Cep.Host.Explaining;

namespace Cep.Cli.Commands;

/// <summary><c>cep why</c></summary>
internal static class WhyCommand
{
    private static readonly Argument<string> Rule = new("RULE") { Description = "The rule's id" };

    private static readonly Option<string[]> Rules = RuleSet.Option();

    private static readonly Option<string> Key = new("--key")
    {
        Description = "The key, its parts separated by commas; none for a rule without 'by'",
        HelpName = "K",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<long?> At = new("--at")
    {
        Description = "The time asked for (ISO 8601); default: the whole recording",
        HelpName = "T",
        CustomParser = ReplayCommand.ParseTime,
    };

    private static readonly Option<string[]> Inputs = ReplayCommand.InputOption();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "why",
            "Tell why a rule fired, or did not, for a key of recorded events.",
            "cep why card-testing --key c17 --rules rules/fraud --input payments=payments.ndjson")
        {
            Rule, Key, At, Rules, Inputs,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var plan = RuleSet.Compile(parsed.GetValue(Rules)!).Plan;
        var rule = RuleSet.Find(plan, parsed.GetValue(Rule)!);
        var inputs = parsed.GetValue(Inputs)!.Select(i => ReplayCommand.ParseInput(i, plan)).ToArray();
        Console.Write(Why.Explain(plan, rule, parsed.GetValue(Key)!, parsed.GetValue(At), inputs));
        return ExitCode.Done;
    }
}
