using Cep.Rules;

namespace Cep.Host.Rules;

/// <summary>Finds and reads rule files.</summary>
public static class RuleFiles
{
    /// <summary>
    /// The texts of the files named, of all <c>.yaml</c> and <c>.yml</c> files below the folders named, and of those
    /// that the patterns (<c>rules/**/*.yaml</c>) match; each once, in a fixed order.
    /// </summary>
    /// <param name="paths">Files, folders and patterns, from the current folder.</param>
    /// <param name="withTests">Whether <c>*.test.yaml</c> files below folders and of patterns count.</param>
    /// <exception cref="FileNotFoundException">A path names nothing.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static IReadOnlyList<SourceText> Read(IEnumerable<string> paths, bool withTests)
    {
        var files = new List<string>();
        foreach (var path in paths)
            files.AddRange(Find(path, withTests));
        return [.. files.Distinct(StringComparer.Ordinal).Select(f => new SourceText(f, File.ReadAllText(f)))];
    }

    /// <summary>The text of a file, or null where it can't be read.</summary>
    public static string? Load(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Find(string path, bool withTests)
    {
        if (File.Exists(path))
            return [path];
        if (Directory.Exists(path))
            return Below(path, "**/*.yaml", withTests).Concat(Below(path, "**/*.yml", withTests))
                .Order(StringComparer.Ordinal);
        if (!FilePattern.IsPattern(path))
            throw new FileNotFoundException($"{path}: no such file or folder", path);
        var found = FilePattern.Find(path).Where(f => withTests || !IsTest(f)).ToArray();
        return found.Length > 0 ? found : throw new FileNotFoundException($"{path}: matches no file", path);
    }

    private static IEnumerable<string> Below(string folder, string pattern, bool withTests) =>
        FilePattern.Find(Path.Combine(folder, pattern)).Where(f => withTests || !IsTest(f));

    private static bool IsTest(string path) =>
        path.EndsWith(".test.yaml", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".test.yml", StringComparison.OrdinalIgnoreCase);
}
