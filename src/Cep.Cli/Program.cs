using System.CommandLine;
using System.CommandLine.Help;
using Cep.Cli;
using Cep.Cli.Commands;

var root = new Command("cep", "Complex event processing: rules over streams of events, live and recorded.")
{
    new HelpOption { Recursive = true },
    new VersionOption(),
};
Command[] commands =
[
    CheckCommand.Create(), TestCommand.Create(), ReplayCommand.Create(), RunCommand.Create(), ExplainCommand.Create(),
    WhyCommand.Create(), AlertsCommand.Create(), DeadLettersCommand.Create(), VerifyCommand.Create(),
    BacktestCommand.Create(), StatusCommand.Create(), SilenceCommand.Create(), AckCommand.Create(),
    PlanCommand.Create(),
    SchemaCommand.Create(), InferCommand.Create(), SimulateCommand.Create(), EvaluateCommand.Create(),
    DemoCommand.Create(),
];
foreach (var command in commands)
    root.Subcommands.Add(command);
var parsed = root.Parse(args);
if (parsed.Errors.Count == 0)
{
    var exitCode = CommandFailure.Guard(
        () => parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
    if (parsed.Action is HelpAction && parsed.CommandResult.Command is ExampleCommand { Example: var example })
        Console.WriteLine($"Example:\n  {example}\n");
    return exitCode;
}

foreach (var error in parsed.Errors)
    Output.Error(error.Message);
var named = commands.FirstOrDefault(c => c.Name == args.FirstOrDefault());
Console.Error.WriteLine($"'cep {(named is null ? "" : named.Name + " ")}--help' tells how it is used.");
return ExitCode.CouldNotRun;
