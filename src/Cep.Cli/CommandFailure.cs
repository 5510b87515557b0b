namespace Cep.Cli;

/// <summary>Ends a command with a message for its user.</summary>
internal sealed class CommandFailure(string message, int exitCode = ExitCode.CouldNotRun) : Exception(message)
{
    /// <summary>
    /// Runs a command; what can go wrong outside of the program is told in a line, not as a stack trace.
    /// </summary>
    public static int Guard(Func<int> command)
    {
        try
        {
            return command();
        }
        catch (CommandFailure failure)
        {
            if (failure.Message.Length > 0)
                Output.Error(failure.Message);
            return failure._exitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.CouldNotRun;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Output.Error(e.Message);
            return ExitCode.CouldNotRun;
        }
    }

    private readonly int _exitCode = exitCode;
}
