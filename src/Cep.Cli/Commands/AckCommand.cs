using System.CommandLine;

namespace Cep.Cli.Commands;

/// <summary><c>cep ack</c></summary>
internal static class AckCommand
{
    private static readonly Argument<string> Id = new("ID") { Description = "The alert's id" };
    private static readonly Argument<string> File = KeptArguments.File();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "ack",
            "Acknowledge an alert that fires: it is neither repeated nor escalated.",
            "cep ack 5b1e0c4d deployment.yaml") { Id, File };
        command.SetAction(parsed =>
        {
            var id = parsed.GetValue(Id)!;
            DeploymentApi.Tell(
                parsed.GetValue(File)!, HttpMethod.Post, $"/api/v1/alerts/{Uri.EscapeDataString(id)}/acknowledge");
            Console.WriteLine($"acknowledged {id}");
            return ExitCode.Done;
        });
        return command;
    }
}
