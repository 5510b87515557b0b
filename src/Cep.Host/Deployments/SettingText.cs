using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>
/// Reads the values of a deployment file: with what they take from the environment, paths from the file's folder.
/// What is wrong is reported, without what the environment holds.
/// </summary>
internal sealed partial class SettingText(
    DiagnosticBag diagnostics, Func<string, string?> environment, string folder)
{
    private static readonly (string Suffix, long Factor)[] Units =
        [("GiB", 1L << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000),
            ("kB", 1_000), ("KB", 1_000), ("B", 1), ("", 1)];

    public DiagnosticBag Diagnostics { get; } = diagnostics;

    /// <summary>The deployment file's folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>The text with what it takes from the environment.</summary>
    public string Text(YamlScalar scalar) => Variable().Replace(scalar.Value, match =>
    {
        var name = match.Groups[1].Value;
        if (environment(name) is { } value)
            return value;
        var span = scalar.At(match.Index, match.Length);
        Diagnostics.Error(
            DiagnosticIds.UnknownName, scalar.Source, span, $"The environment has no variable {name}.",
            $"export {name}=…");
        return "";
    });

    /// <summary>The text, or null where it is not there.</summary>
    public string? TextOf(YamlScalar? scalar) => scalar is null ? null : Text(scalar);

    /// <summary>A path from the deployment file's folder.</summary>
    public string Path(YamlScalar scalar) => InFolder(Text(scalar));

    /// <summary>A file in the deployment file's folder.</summary>
    public string InFolder(string name) => System.IO.Path.Combine(Folder, name);

    public string? PathOf(YamlScalar? scalar) => scalar is null ? null : Path(scalar);

    public bool Flag(YamlScalar? scalar, bool otherwise = false)
    {
        if (scalar is null)
            return otherwise;
        if (scalar.Resolve() is bool flag)
            return flag;
        Diagnostics.Error(DiagnosticIds.InvalidValue, scalar, $"This is true or false, not '{scalar.Value}'.");
        return otherwise;
    }

    /// <summary>A whole number within bounds.</summary>
    public int Number(MappingReader reader, string key, int otherwise, int min, int max)
    {
        if (reader.Scalar(key) is not { } scalar)
            return otherwise;
        if (int.TryParse(Text(scalar), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max)
            return number;
        Diagnostics.Error(
            DiagnosticIds.InvalidValue, scalar,
            string.Create(CultureInfo.InvariantCulture, $"'{key}' is a number from {min} to {max}."));
        return otherwise;
    }

    /// <summary>A duration that is not 0.</summary>
    public TimeSpan Duration(MappingReader reader, string key, TimeSpan otherwise)
    {
        if (reader.Duration(key) is not { } milliseconds)
            return otherwise;
        if (milliseconds is > 0 and <= int.MaxValue)
            return TimeSpan.FromMilliseconds(milliseconds);
        Diagnostics.Error(
            DiagnosticIds.InvalidValue, reader.Scalar(key)!, $"'{key}' is longer than 0 and at most 24 days.");
        return otherwise;
    }

    /// <summary>A number of bytes, such as 10MB or 64KiB.</summary>
    public long Bytes(MappingReader reader, string key, long otherwise, long min, long max)
    {
        if (reader.Scalar(key) is not { } scalar)
            return otherwise;
        var text = Text(scalar).Trim();
        var unit = Units.First(u => text.EndsWith(u.Suffix, StringComparison.Ordinal));
        if (long.TryParse(
                text.AsSpan(0, text.Length - unit.Suffix.Length).Trim(), NumberStyles.None,
                CultureInfo.InvariantCulture, out var count)
            && count <= max / unit.Factor && count * unit.Factor >= min)
            return count * unit.Factor;
        Diagnostics.Error(
            DiagnosticIds.InvalidValue, scalar,
            string.Create(CultureInfo.InvariantCulture, $"'{key}' is a size from {min} to {max} bytes, such as 1MiB."));
        return otherwise;
    }

    /// <summary>HOST:PORT.</summary>
    public (string Host, int Port)? Address(YamlScalar scalar)
    {
        var errors = Diagnostics.ErrorCount;
        var text = Text(scalar);
        if (Diagnostics.ErrorCount > errors)
            return null;
        var colon = text.LastIndexOf(':');
        if (colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return (text[..colon].Trim('[', ']'), port);
        Diagnostics.Error(
            DiagnosticIds.InvalidValue, scalar, "An address is HOST:PORT, such as 127.0.0.1:9099.");
        return null;
    }

    /// <summary>IP:PORT, to listen on; the name localhost too.</summary>
    public IPEndPoint? OwnAddress(YamlScalar scalar)
    {
        if (Address(scalar) is not var (host, port))
            return null;
        if (host == "localhost")
            return new IPEndPoint(IPAddress.Loopback, port);
        if (IPAddress.TryParse(host, out var address))
            return new IPEndPoint(address, port);
        Diagnostics.Error(
            DiagnosticIds.InvalidValue, scalar, "Here stands an IP address of this machine, or localhost.");
        return null;
    }

    /// <summary>An http or https address.</summary>
    public Uri? Url(YamlScalar scalar)
    {
        var errors = Diagnostics.ErrorCount;
        var text = Text(scalar);
        if (Diagnostics.ErrorCount > errors)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            return address;
        Diagnostics.Error(DiagnosticIds.InvalidValue, scalar, "The url is no http or https address.");
        return null;
    }

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Variable();
}
