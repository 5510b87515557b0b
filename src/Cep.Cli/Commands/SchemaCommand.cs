using System.CommandLine;
using Cep.Host.Deployments;
using Cep.Rules.Schema;

namespace Cep.Cli.Commands;

/// <summary><c>cep schema</c></summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new ExampleCommand(
            "schema",
            "Print the JSON Schema of rule and deployment files, for editors.",
            "cep schema > cep.schema.json");
        command.SetAction(_ =>
        {
            Console.WriteLine(JsonSchema.Create(DeploymentKeys.File));
            return ExitCode.Done;
        });
        return command;
    }
}
