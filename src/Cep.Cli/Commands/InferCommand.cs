using System.CommandLine;
using Cep.Connectors.Formats;

namespace Cep.Cli.Commands;

/// <summary><c>cep infer</c></summary>
internal static class InferCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "NDJSON or CSV, .gz too, - for standard input" };
        var stream = new Option<string?>("--stream") { Description = "The stream's name (default: after the file)" };
        var command = new ExampleCommand(
            "infer",
            "Make a streams: declaration from sample events.",
            "cep infer payments.ndjson > streams.yaml") { file, stream };
        command.SetAction(parsed =>
        {
            Console.Write(SchemaInference.Infer(parsed.GetValue(file)!, parsed.GetValue(stream)));
            return ExitCode.Done;
        });
        return command;
    }
}
