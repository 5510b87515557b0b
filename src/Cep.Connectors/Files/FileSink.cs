using System.Globalization;
using Cep.Alerts;
using Cep.Connectors.Formats;

namespace Cep.Connectors.Files;

/// <summary>
/// Appends alerts to a file, one JSON line each. A file that has reached its size becomes <c>path.1</c>, that one
/// <c>path.2</c> and so on; the oldest goes.
/// </summary>
public sealed class FileSink : ISink, IDisposable
{
    private readonly string _path;
    private readonly long _rotateBytes;
    private readonly int _keep;
    private readonly Lock _lock = new();
    private readonly Utf8Buffer _line = new();
    private FileStream? _file;

    /// <param name="name">Its name in the deployment file.</param>
    /// <param name="path">The file; it is made when there is an alert.</param>
    /// <param name="rotateBytes">The size at which it is rotated; null: never.</param>
    /// <param name="keep">How many rotated files stay.</param>
    public FileSink(string name, string path, long? rotateBytes = null, int keep = 5)
    {
        Name = name;
        _path = path;
        _rotateBytes = rotateBytes ?? long.MaxValue;
        _keep = keep;
    }

    public string Name { get; }

    public Task SendAsync(Alert alert, CancellationToken stop)
    {
        lock (_lock)
        {
            _line.Clear();
            AlertJson.Write(_line, alert);
            _line.Raw((byte)'\n');
            try
            {
                Append();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DeliveryException(e.Message);
            }
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _file?.Dispose();

    private void Append()
    {
        _file ??= Open();
        if (_file.Length > 0 && _file.Length + _line.Length > _rotateBytes)
            Rotate();
        var before = _file.Length;
        try
        {
            _file.Write(_line.Written);
            _file.Flush();
        }
        catch (IOException)
        {
            // half a line would spoil the next one
            _file.SetLength(before);
            throw;
        }
    }

    private void Rotate()
    {
        _file!.Dispose();
        _file = null;
        File.Delete(Rotated(_keep));
        for (var n = _keep - 1; n >= 1; n--)
            if (File.Exists(Rotated(n)))
                File.Move(Rotated(n), Rotated(n + 1));
        if (_keep > 0)
            File.Move(_path, Rotated(1));
        else
            File.Delete(_path);
        _file = Open();
    }

    private string Rotated(int number) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{number}");

    private FileStream Open()
    {
        if (Path.GetDirectoryName(Path.GetFullPath(_path)) is { } folder)
            Directory.CreateDirectory(folder);
        return new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, 0);
    }
}
