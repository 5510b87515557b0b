using System.Globalization;
using Cep.Events;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>Reads the keys of <c>engine</c> that say how state is kept.</summary>
/// <param name="engine">The mapping.</param>
/// <param name="diagnostics">Takes the problems.</param>
/// <param name="text">Gives a scalar's text with what it takes from the environment.</param>
internal sealed class StateKeys(MappingReader engine, DiagnosticBag diagnostics, Func<YamlScalar, string> text)
{
    private static readonly string[] Dependent = ["checkpoint", "sync", "retain", "damaged"];

    /// <param name="folder">Where the deployment file is.</param>
    public StateSettings? Read(string folder)
    {
        if (engine.Scalar("state") is not { } state)
        {
            foreach (var key in Dependent)
                if (engine.OwnKey(key) is { } own)
                    diagnostics.Error(
                        DiagnosticIds.WrongShape, own, $"'{key}' says how state is kept, but there is no 'state'.");
            return null;
        }

        var path = text(state);
        if (path.Contains("://", StringComparison.Ordinal))
            diagnostics.Error(DiagnosticIds.InvalidValue, state, "'state' is a folder.");
        var settings = new StateSettings(Path.GetFullPath(Path.Combine(folder, path)))
        {
            FullSync = Word("sync", "full", "normal") == 0,
            SkipDamaged = Word("damaged", "stop", "skip") == 1,
        };
        if (engine.Scalar("checkpoint") is { } checkpoint)
            settings = settings with { Checkpoint = Duration(checkpoint) };
        return engine.Mapping("retain") is { } retain ? Retain(retain, settings) : settings;
    }

    private StateSettings Retain(YamlMapping node, StateSettings settings)
    {
        var reader = new MappingReader(node, DeploymentKeys.Retain, diagnostics);
        if (reader.Scalar("age") is { } age)
            settings = settings with { RetainAge = Duration(age) };
        if (reader.Scalar("size") is { } size)
            settings = settings with { RetainBytes = Size(size) };
        return settings;
    }

    private int Word(string key, params string[] words)
    {
        if (engine.Scalar(key) is not { } scalar)
            return 0;
        var index = Array.IndexOf(words, scalar.Value);
        if (index >= 0)
            return index;
        diagnostics.Error(
            DiagnosticIds.InvalidValue, scalar, $"'{key}' is {string.Join(" or ", words)}, not '{scalar.Value}'.");
        return 0;
    }

    private TimeSpan Duration(YamlScalar scalar)
    {
        var value = text(scalar);
        if (value.StartsWith("every ", StringComparison.Ordinal))
            value = value["every ".Length..];
        if (DurationText.TryParse(value.Trim(), out var ms) && ms >= 100)
            return TimeSpan.FromMilliseconds(ms);
        diagnostics.Error(
            DiagnosticIds.InvalidValue, scalar, $"'{scalar.Value}' is no duration of 100ms or more.",
            $"the units are {DurationText.Units}, as in 10s");
        return TimeSpan.FromSeconds(10);
    }

    private long Size(YamlScalar scalar)
    {
        var value = text(scalar).Trim();
        var end = value.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var digits = value.AsSpan(0, end < 0 ? value.Length : end);
        var shift = value[digits.Length..].Trim() switch { "KB" => 10, "MB" => 20, "GB" => 30, "TB" => 40, _ => -1 };
        if (shift > 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and < 1 << 20)
            return number << shift;
        diagnostics.Error(
            DiagnosticIds.InvalidValue, scalar, $"'{scalar.Value}' is no size.", "such as 500MB or 20GB");
        return long.MaxValue;
    }
}
