namespace Cep.Rules.Testing;

/// <summary>Paths as text: the compiler reads no files and knows no working directory.</summary>
internal static class RelativePath
{
    /// <summary>The path that a file names, seen from where the file's own path is seen from.</summary>
    public static string Resolve(string file, string path)
    {
        var slash = file.Replace('\\', '/').LastIndexOf('/');
        var isRooted = path.StartsWith('/') || path.Contains(':', StringComparison.Ordinal);
        return Normalize(isRooted || slash < 0 ? path : $"{file[..(slash + 1)]}{path}");
    }

    /// <summary>Without <c>.</c> and, as far as can be, <c>..</c>.</summary>
    public static string Normalize(string path)
    {
        var parts = new List<string>();
        var rooted = path.StartsWith('/');
        foreach (var part in path.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part != "." && !(part == ".." && rooted))
                parts.Add(part);
        }

        return (rooted ? "/" : "") + string.Join('/', parts);
    }
}
