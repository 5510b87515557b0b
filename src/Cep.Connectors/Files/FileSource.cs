using System.Buffers.Binary;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Files;

/// <summary>
/// A file of NDJSON or CSV: read once to its end, or followed as <c>tail -F</c> does, through rotation and truncation.
/// </summary>
public sealed class FileSource : ISource
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly string _path;
    private readonly bool _follow;
    private readonly StreamSchema _schema;
    private readonly DecoderOptions _options;
    private readonly TimeProvider _clock;

    public FileSource(string path, bool follow, StreamSchema schema, DecoderOptions options, TimeProvider clock)
    {
        _path = Path.GetFullPath(path);
        _follow = follow;
        _schema = schema;
        _options = options;
        _clock = clock;
    }

    public string Name => $"file {_path}";

    public string Stream => _schema.Name;

    public Task RunAsync(Intake intake, CancellationToken stop) =>
        _follow ? FollowAsync(intake, stop) : ReadAsync(intake, stop);

    private async Task ReadAsync(Intake intake, CancellationToken stop)
    {
        using var input = RecordedInput.Open(_path, _schema, _options, arrivals: _clock);
        var before = intake.LastMark("") is { Length: 8 } mark ? BinaryPrimitives.ReadInt64LittleEndian(mark) : 0;
        var read = 0L;
        while (await Task.Run(input.Next, stop) is { } batch)
        {
            // a file that stays as it is comes in the same batches each time
            read += batch.Count + batch.Rejected.Count;
            if (read <= before)
                continue;
            var position = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(position, read);
            await intake.AcceptAsync(new Arrival(batch) { Mark = new SourceMark("", position) }, stop);
        }
    }

    private async Task FollowAsync(Intake intake, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (File.Exists(_path))
            {
                await using var file = new FileStream(
                    _path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, useAsync: false);
                await FollowOneAsync(file, intake, stop);
            }
            else
            {
                await Task.Delay(Pause, _clock, stop);
            }
        }
    }

    /// <summary>Follows an open file until another one, or a shorter one, has taken its place.</summary>
    private async Task FollowOneAsync(FileStream file, Intake intake, CancellationToken stop)
    {
        IEventDecoder format = Path.GetExtension(_path) is ".csv" or ".tsv"
            ? new CsvDecoder(_schema, _options)
            : new NdjsonDecoder(_schema, _options);
        var decoder = new PushDecoder(format, _options.MaxLineBytes, _clock);
        var bytes = new byte[1 << 16];
        var replaced = false;
        while (true)
        {
            var got = await file.ReadAsync(bytes, stop);
            decoder.Append(bytes.AsSpan(0, got));
            while (decoder.Take() is { } batch)
                await intake.AcceptAsync(new Arrival(batch), stop);
            if (got > 0)
                continue;

            // one more look at the old file after the new one was seen: its writer may have written until then
            if (replaced)
                return;
            replaced = IsReplaced(file);
            if (!replaced)
                await Task.Delay(Pause, _clock, stop);
        }
    }

    private bool IsReplaced(FileStream file)
    {
        var now = new FileInfo(_path);
        if (!now.Exists)
            return false;
        if (now.Length < file.Position)
            return true;

        // the name of an open file follows its renaming
        var handle = new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}");
        return handle.LinkTarget is { } name
            && name != (now.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? _path);
    }
}
