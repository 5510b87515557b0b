using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Cep.Events;

namespace Cep.Cli.Commands;

/// <summary>What the commands over a deployment's state have in common.</summary>
internal static class KeptArguments
{
    public static Argument<string> File() => new("FILE")
    {
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => "deployment.yaml",
        Description = "The deployment file, or its state folder",
    };

    public static Option<bool> Json(string what) => new("--json") { Description = $"Print {what} as JSON" };

    public static Option<TimeSpan?> Last(string what) => new("--last")
    {
        Description = $"Only {what} of this time, such as 24h",
        HelpName = "D",
        CustomParser = Duration,
    };

    public static TimeSpan? Duration(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (DurationText.TryParse(text, out var ms) && ms >= 0)
            return TimeSpan.FromMilliseconds(ms);
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name} takes a duration such as 24h, not '{text}'");
        return null;
    }

    /// <summary>The time so long ago, or the beginning of time; ms since the epoch.</summary>
    public static long Since(TimeSpan? last) => last is { } span
        ? (TimeProvider.System.GetUtcNow() - span).ToUnixTimeMilliseconds()
        : long.MinValue;

    /// <summary>A time (ms since the epoch) as people read it.</summary>
    public static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString(
        "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
