using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace Cep.Connectors.Files;

/// <summary>
/// Finds a file again that was read before, though it may have been rotated since: <c>log</c> to <c>log.1</c>,
/// <c>log-20260131</c>, <c>log.old</c> or the like, in the same folder.
/// </summary>
internal static partial class RotatedFiles
{
    /// <summary>A file to read.</summary>
    /// <param name="Path">Where it was found.</param>
    /// <param name="From">The mark to go on from; null: its beginning.</param>
    internal readonly record struct Step(string Path, FileMark? From)
    {
        private readonly long _inode = FileInode.Of(Path);

        /// <summary>Whether this is the file that was found, and no other that got its name since.</summary>
        public bool Is(SafeFileHandle file) => _inode == 0 || FileInode.Of(file) == _inode;
    }

    /// <summary>What is to be read, in order, to go on from the mark: the last is the path itself.</summary>
    public static IReadOnlyList<Step> After(string path, FileMark? mark)
    {
        if (mark is null)
            return [new Step(path, null)];
        if (File.Exists(path) && IsMarked(path, mark, mayBeCopy: mark.HeadBytes == FileMark.FullHeadBytes))
            return [new Step(path, mark)];
        var rotated = Directory.EnumerateFiles(Path.GetDirectoryName(path)!)
            .Where(f => IsRotationOf(f, path))
            .OrderBy(File.GetLastWriteTimeUtc).ThenByDescending(Generation).ThenBy(f => f, StringComparer.Ordinal)
            .ToList();

        // the inode tells the file itself, the first bytes tell a copy of it
        var found = rotated.FindIndex(f => IsMarked(f, mark, mayBeCopy: false));
        if (found < 0)
            found = rotated.FindIndex(f => IsMarked(f, mark, mayBeCopy: true));
        if (found < 0)
            return [new Step(path, null)];
        var newer = rotated.Skip(found + 1).Append(path).Select(f => new Step(f, null));
        return [new Step(rotated[found], mark), .. newer];
    }

    /// <summary>Whether the name is one that a rotation gives to the file at the path.</summary>
    public static bool IsRotationOf(string file, string path)
    {
        if (file == path || Path.GetDirectoryName(file) != Path.GetDirectoryName(path))
            return false;
        var (name, extension) = (Path.GetFileName(file), Path.GetExtension(path));
        var stem = Path.GetFileNameWithoutExtension(path);
        if (!name.StartsWith(stem, StringComparison.Ordinal))
            return false;
        var rest = name[stem.Length..];
        var at = extension.Length > 0 ? rest.IndexOf(extension, StringComparison.Ordinal) : -1;
        return Rotation().IsMatch(at < 0 ? rest : rest.Remove(at, extension.Length));
    }

    /// <summary>Whether the file is the one marked, and as long as it was at least.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="mark">What is known of it.</param>
    /// <param name="mayBeCopy">Whether its first bytes are enough, without the inode.</param>
    public static bool IsMarked(string path, FileMark mark, bool mayBeCopy)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(
                path, share: FileShare.ReadWrite | FileShare.Delete);
            var isGzipped = path.EndsWith(".gz", StringComparison.Ordinal);
            var isSame = mark.Inode != 0 && FileInode.Of(file) == mark.Inode;
            return (isSame || mayBeCopy) && mark.BeginsLike(file)
                && (isGzipped || RandomAccess.GetLength(file) >= mark.Offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The 7 of <c>log.7</c> or <c>log.7.ndjson</c>, where the highest is the oldest; 0 for a date.</summary>
    private static int Generation(string path)
    {
        var parts = Path.GetFileName(path).Split('.');
        var last = int.TryParse(parts[^1], out var number) || int.TryParse(parts[^2], out number);
        return last && number < 10_000 ? number : 0;
    }

    [GeneratedRegex(@"^[._-](\d[\dTZ._-]*|old)$")]
    private static partial Regex Rotation();
}
