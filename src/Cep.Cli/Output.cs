namespace Cep.Cli;

/// <summary>
/// What goes to the terminal besides results: in colours where there is one and <c>NO_COLOR</c> is not set.
/// </summary>
internal static class Output
{
    private static readonly bool Plain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public static bool ErrorIsTerminal => !Console.IsErrorRedirected;

    public static void Error(string message) =>
        Console.Error.WriteLine($"{Paint("error", 31, Console.IsErrorRedirected)}: {message}");

    public static void Warning(string message) =>
        Console.Error.WriteLine($"{Paint("warning", 33, Console.IsErrorRedirected)}: {message}");

    public static string Red(string text) => Paint(text, 31, Console.IsOutputRedirected);

    public static string Green(string text) => Paint(text, 32, Console.IsOutputRedirected);

    public static string Bold(string text) => Paint(text, 1, Console.IsOutputRedirected);

    private static string Paint(string text, int code, bool redirected) =>
        Plain || redirected ? text : $"\e[{code}m{text}\e[0m";
}
