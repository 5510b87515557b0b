using System.IO.Enumeration;

namespace Cep.Host.Rules;

/// <summary>Files by a pattern: <c>*</c> and <c>?</c> within a name, <c>**</c> for any number of folders.</summary>
internal static class FilePattern
{
    public static bool IsPattern(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>The files that match, by name; none where the folder does not exist.</summary>
    public static IEnumerable<string> Find(string pattern)
    {
        var parts = pattern.Replace('\\', '/').Split('/');
        var fixedParts = parts.TakeWhile(p => !IsPattern(p)).Count();
        var root = string.Join('/', parts.Take(fixedParts));
        if (root.Length == 0)
            root = pattern.StartsWith('/') ? "/" : ".";
        if (!Directory.Exists(root))
            return [];
        var found = new List<string>();
        Collect(root == "." ? "" : root, parts.AsSpan(fixedParts), found);
        found.Sort(StringComparer.Ordinal);
        return found.Distinct(StringComparer.Ordinal);
    }

    private static void Collect(string folder, ReadOnlySpan<string> parts, List<string> found)
    {
        var here = new DirectoryInfo(folder.Length == 0 ? "." : folder);
        if (parts[0] == "**")
        {
            Collect(folder, parts[1..], found);
            foreach (var below in here.EnumerateDirectories().Where(d => !d.Name.StartsWith('.')))
                Collect(Path.Combine(folder, below.Name), parts, found);
        }
        else if (parts.Length > 1)
        {
            foreach (var below in here.EnumerateDirectories())
                if (FileSystemName.MatchesSimpleExpression(parts[0], below.Name))
                    Collect(Path.Combine(folder, below.Name), parts[1..], found);
        }
        else
        {
            foreach (var file in here.EnumerateFiles())
                if (FileSystemName.MatchesSimpleExpression(parts[0], file.Name))
                    found.Add(Path.Combine(folder, file.Name));
        }
    }
}
