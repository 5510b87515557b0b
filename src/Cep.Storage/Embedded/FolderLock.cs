using System.Globalization;

namespace Cep.Storage.Embedded;

/// <summary>
/// Makes a folder one process's own. The lock is the kernel's: it ends with the process, however that ends; what stays
/// is a file that says who it was.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <exception cref="StoreException">Another process has it, or the folder may not be written.</exception>
    public static FolderLock Take(string folder)
    {
        var owner = Path.Combine(folder, "owner");
        try
        {
            var file = new FileStream(
                Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            try
            {
                File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                return new FolderLock(file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreException($"the state folder {folder} may not be written: {e.Message}", e);
        }
        catch (IOException e) when (IsTaken(folder))
        {
            var by = OwnerOf(owner) is { } id ? $" by process {id}" : "";
            throw new StoreException($"the state folder {folder} is in use{by}; a folder belongs to one deployment", e);
        }
        catch (IOException e)
        {
            throw new StoreException($"the state folder {folder} can't be used: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static bool IsTaken(string folder) => File.Exists(Path.Combine(folder, "lock"));

    private static string? OwnerOf(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return text.Length is > 0 and < 12 ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
