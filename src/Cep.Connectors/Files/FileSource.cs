using System.Collections.Concurrent;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Files;

/// <summary>
/// Files of NDJSON or CSV: each read once to its end, or followed as <c>tail -F</c> does, through rotation and
/// truncation. It goes on after a restart where it was, also where a file was rotated meanwhile.
/// </summary>
public sealed class FileSource : ISource
{
    private const int BlockBytes = 1 << 17;
    private const int MaxFiles = 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Func<IEnumerable<string>> _find;
    private readonly bool _follow;
    private readonly StreamSchema _schema;
    private readonly DecoderOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;

    // how far each path has come in this run: what is kept lags behind
    private readonly ConcurrentDictionary<string, FileMark> _taken = new(StringComparer.Ordinal);

    /// <param name="path">What is read, as the deployment has it: its name.</param>
    /// <param name="find">The files it stands for, by name; where they are followed it is asked again for new ones.
    /// </param>
    /// <param name="follow">Whether to go on as they grow.</param>
    /// <param name="schema">The stream.</param>
    /// <param name="options">What is kept of its events.</param>
    /// <param name="clock">Gives the events' arrival, and measures the pauses.</param>
    /// <param name="log">Takes lines about files that can't be read.</param>
    public FileSource(
        string path, Func<IEnumerable<string>> find, bool follow, StreamSchema schema, DecoderOptions options,
        TimeProvider clock, Action<string>? log = null)
    {
        Name = $"file {path}";
        _find = find;
        _follow = follow;
        _schema = schema;
        _options = options;
        _clock = clock;
        _log = log ?? (_ => { });
    }

    public string Name { get; }

    public string Stream => _schema.Name;

    public async Task RunAsync(Intake intake, CancellationToken stop)
    {
        if (_follow)
        {
            await FollowAllAsync(intake, stop);
            return;
        }

        foreach (var path in _find())
        {
            var full = Path.GetFullPath(path);
            var mark = FileMark.Decode(intake.LastMark(full));
            var from = mark is not null && RotatedFiles.IsMarked(full, mark, mayBeCopy: true) ? mark : null;
            await ReadAsync(new RotatedFiles.Step(full, from), full, intake, stop);
        }
    }

    private async Task FollowAllAsync(Intake intake, CancellationToken stop)
    {
        var followed = new Dictionary<string, Task>(StringComparer.Ordinal);
        var rotated = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                foreach (var path in New(followed, rotated))
                    followed.Add(path, Task.Run(() => FollowAsync(path, intake, stop), CancellationToken.None));
                await Task.Delay(Pause, _clock, stop);
                foreach (var ended in followed.Values.Where(f => f.IsCompleted))
                    await ended;
            }
        }
        finally
        {
            await Task.WhenAll(followed.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private List<string> New(Dictionary<string, Task> followed, HashSet<string> rotated)
    {
        List<string> found;
        try
        {
            found = [.. _find().Select(Path.GetFullPath)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // a folder came or went while it was looked at
            return [];
        }

        rotated.IntersectWith(found);
        var added = found.Where(f => !followed.ContainsKey(f) && !rotated.Contains(f)).ToList();
        rotated.UnionWith(added.Where(f => found.Exists(o => RotatedFiles.IsRotationOf(f, o))));
        added.RemoveAll(rotated.Contains);
        if (followed.Count + added.Count <= MaxFiles)
            return added;
        if (followed.Count < MaxFiles)
            _log($"source {Name}: more than {MaxFiles} files; the last are left out");
        return added.GetRange(0, MaxFiles - followed.Count);
    }

    /// <summary>Follows what has this path, now and later.</summary>
    private async Task FollowAsync(string path, Intake intake, CancellationToken stop)
    {
        var told = "";
        var before = FileMark.Decode(intake.LastMark(path));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var steps = RotatedFiles.After(path, _taken.GetValueOrDefault(path) ?? before);
                var asFound = true;
                foreach (var step in steps.SkipLast(1))
                    asFound = asFound && await ReadAsync(step, path, intake, stop);
                if (asFound && File.Exists(path))
                    await FollowOneAsync(steps[^1], intake, stop);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (told != e.Message)
                    _log($"source {Name}: {e.Message}");
                told = e.Message;
            }

            await Task.Delay(Pause, _clock, stop);
        }
    }

    /// <summary>Follows an open file until another one, or a shorter one, has taken its place.</summary>
    private async Task FollowOneAsync(RotatedFiles.Step step, Intake intake, CancellationToken stop)
    {
        var path = step.Path;
        await using var file = Open(path);
        var handle = file.SafeFileHandle;
        if (!step.Is(handle))
            return;
        var mark = step.From ?? FileMark.Of(handle);
        var decoder = DecoderFor(IsCsv(path), file, mark);
        file.Position = mark.Offset;
        var bytes = new byte[BlockBytes];
        var replaced = false;
        while (true)
        {
            var got = await file.ReadAsync(bytes, stop);
            decoder.Append(bytes.AsSpan(0, got));
            while (decoder.Take() is { } batch)
            {
                mark = mark.At(handle, decoder.Position, decoder.LinesRead);
                await HandOverAsync(batch, path, mark, intake, stop);
            }

            if (got > 0)
                continue;

            // one more look at the old file after the new one was seen: its writer may have written until then
            if (replaced)
                return;
            replaced = IsReplaced(path, file);
            if (!replaced)
                await Task.Delay(Pause, _clock, stop);
        }
    }

    /// <summary>Reads a file to its end, which needs no line feed.</summary>
    /// <param name="step">The file.</param>
    /// <param name="part">The path that its mark is kept under: its own, or the one it had before it was rotated.
    /// </param>
    /// <param name="intake">Takes the events.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>False where it has another name by now: nothing was read.</returns>
    private async Task<bool> ReadAsync(
        RotatedFiles.Step step, string part, Intake intake, CancellationToken stop)
    {
        var path = step.Path;
        await using var input = InputFile.Open(path, out var format);
        using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        if (!step.Is(handle) || (input is FileStream file && !step.Is(file.SafeFileHandle)))
            return false;
        var mark = step.From ?? FileMark.Of(handle);
        var isCsv = path == part ? format == InputFormat.Csv : IsCsv(part);
        await using var head = input.CanSeek ? input : InputFile.Open(path, out _);
        var decoder = DecoderFor(isCsv, head, mark);
        await SkipToAsync(input, mark.Offset, stop);
        var bytes = new byte[BlockBytes];
        for (var got = -1; got != 0;)
        {
            got = await Task.Run(() => input.Read(bytes), stop);
            decoder.Append(bytes.AsSpan(0, got));
            while (decoder.Take(final: got == 0) is { } batch)
            {
                mark = mark.At(handle, decoder.Position, decoder.LinesRead);
                await HandOverAsync(batch, part, mark, intake, stop);
            }
        }

        return true;
    }

    private async ValueTask HandOverAsync(
        EventBatch batch, string part, FileMark mark, Intake intake, CancellationToken stop)
    {
        await intake.AcceptAsync(new Arrival(batch) { Mark = new SourceMark(part, mark.Encode()) }, stop);
        _taken[part] = mark;
    }

    private static bool IsCsv(string path) => Path.GetExtension(path) is ".csv" or ".tsv";

    private PushDecoder DecoderFor(bool isCsv, Stream input, FileMark mark)
    {
        IEventDecoder format = isCsv ? new CsvDecoder(_schema, _options) : new NdjsonDecoder(_schema, _options);
        if (isCsv && mark.Offset > 0)
            ReadHeader(format, input);
        format.LinesRead = mark.Lines;
        return new PushDecoder(format, _options.MaxLineBytes, _clock, mark.Offset);
    }

    // the names of the columns stand at the beginning only
    private void ReadHeader(IEventDecoder format, Stream input)
    {
        if (input.CanSeek)
            input.Position = 0;
        var head = new byte[_options.MaxLineBytes + IEventDecoder.Padding];
        var length = input.ReadAtLeast(head.AsSpan(0, _options.MaxLineBytes), _options.MaxLineBytes, false);
        var text = head.AsSpan(0, length);
        for (var feed = text.IndexOf((byte)'\n'); feed >= 0;)
        {
            if (text[..feed].Count((byte)'"') % 2 == 0)
            {
                format.Decode(head, 0, feed + 1, 1, final: true);
                return;
            }

            var next = text[(feed + 1)..].IndexOf((byte)'\n');
            feed = next < 0 ? -1 : feed + 1 + next;
        }
    }

    private static async Task SkipToAsync(Stream input, long offset, CancellationToken stop)
    {
        if (input.CanSeek)
        {
            input.Position = offset;
            return;
        }

        var bytes = new byte[BlockBytes];
        while (offset > 0)
        {
            var got = await input.ReadAsync(bytes.AsMemory(0, (int)Math.Min(bytes.Length, offset)), stop);
            if (got == 0)
                return;
            offset -= got;
        }
    }

    private static FileStream Open(string path) => new(
        path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, useAsync: false);

    private static bool IsReplaced(string path, FileStream file)
    {
        var now = new FileInfo(path);
        if (!now.Exists)
            return false;
        if (now.Length < file.Position)
            return true;
        var (inode, open) = (FileInode.Of(path), FileInode.Of(file.SafeFileHandle));
        return inode != 0 && open != 0 && inode != open;
    }
}
