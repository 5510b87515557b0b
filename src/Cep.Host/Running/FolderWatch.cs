using Cep.Host.Rules;

namespace Cep.Host.Running;

/// <summary>Tells when something below the folders of files, folders and patterns may have changed.</summary>
internal sealed class FolderWatch : IDisposable
{
    private readonly List<FileSystemWatcher> _watchers = [];

    public FolderWatch(IEnumerable<string> paths, Action changed)
    {
        foreach (var folder in paths.Select(FolderOf).Distinct(StringComparer.Ordinal).Where(Directory.Exists))
        {
            try
            {
                var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
                _watchers.Add(watcher);
                watcher.Changed += (_, _) => changed();
                watcher.Created += (_, _) => changed();
                watcher.Deleted += (_, _) => changed();
                watcher.Renamed += (_, _) => changed();
                watcher.EnableRaisingEvents = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // there may be too many watches: who looks now and then finds it too
            }
        }
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers)
            watcher.Dispose();
    }

    private static string FolderOf(string path)
    {
        var whole = Path.GetFullPath(path);
        while (FilePattern.IsPattern(whole) || !Directory.Exists(whole))
        {
            if (Path.GetDirectoryName(whole) is not { } above)
                break;
            whole = above;
        }

        return whole;
    }
}
