namespace Cep.Cli;

internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran and found something wrong: tests failed, input rejected under <c>--strict</c>.</summary>
    public const int FoundWrong = 1;

    /// <summary>Usage, invalid rules or configuration, files that can't be read.</summary>
    public const int CouldNotRun = 2;
}
