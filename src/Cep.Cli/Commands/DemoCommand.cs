using System.CommandLine;
using Cep.Cli.Simulating;

namespace Cep.Cli.Commands;

/// <summary><c>cep demo</c></summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds")
        {
            Description = "How long it runs",
            DefaultValueFactory = _ => 20,
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "The seed of the simulated worlds",
            DefaultValueFactory = _ => 1,
        };
        var command = new ExampleCommand(
            "demo",
            "Everything at once on this machine: simulated worlds, sockets, the shipped rules, webhooks.",
            "cep demo --seconds 30")
        {
            seconds, seed,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(seconds) is not (>= 1 and <= 86_400))
                throw new CommandFailure("--seconds takes a number from 1 to 86400");
            return new Demo(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(seed)).Run();
        });
        return command;
    }
}
