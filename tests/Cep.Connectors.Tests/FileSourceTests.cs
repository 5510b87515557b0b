using System.IO.Compression;
using System.Text;
using Cep.Connectors.Files;
using Cep.Connectors.Formats;

namespace Cep.Connectors.Tests;

public sealed class FileSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cep-files-").FullName;
    private readonly Taker _taker = new();

    [Fact]
    public async Task Followed_AfterARestart_GoesOnAtTheLineItHadReached()
    {
        Append("log.ndjson", "{\"x\":1}\n{\"x\":2}\n{\"x\":");
        await using (Follow("log.ndjson"))
            Assert.Equal([1, 2], await _taker.NextAsync(2));
        Append("log.ndjson", "3}\nnonsense\n");
        await using (Follow("log.ndjson"))
        {
            Assert.Equal(3, (await _taker.NextAsync()).X);
            Assert.StartsWith("line 4: broken JSON", (await _taker.NextAsync()).Reason, StringComparison.Ordinal);
            Append("log.ndjson", "{\"x\":5}\n");
            Assert.Equal(5, (await _taker.NextAsync()).X);
        }
    }

    [Theory]
    [InlineData("log.ndjson.1", "log.ndjson.2")]
    [InlineData("log-20260101.ndjson", "log-20260102.ndjson")]
    [InlineData("log.1.ndjson", "log.2.ndjson")]
    public async Task Followed_RotatedTwiceBetweenRuns_ReadsTheRestOfEach(string first, string second)
    {
        Append("log.ndjson", "{\"x\":1}\n");
        await using (Follow("log.ndjson"))
            Assert.Equal(1, (await _taker.NextAsync()).X);
        Append("log.ndjson", "{\"x\":2}\n{\"x\":3}");
        File.Move(At("log.ndjson"), At(second));
        Append("log.ndjson", "{\"x\":4}\n{\"x\":5}\n");
        File.Move(At("log.ndjson"), At(first));
        File.SetLastWriteTimeUtc(At(second), DateTime.UtcNow.AddMinutes(-2));
        File.SetLastWriteTimeUtc(At(first), DateTime.UtcNow.AddMinutes(-1));
        Append("log.ndjson", "{\"x\":6}\n");
        await using (Follow("log.ndjson"))
        {
            Assert.Equal([2, 3, 4, 5, 6], await _taker.NextAsync(5));
            Append("log.ndjson", "{\"x\":7}\n");
            Assert.Equal(7, (await _taker.NextAsync()).X);
        }

        await using (Follow("log.ndjson"))
        {
            Append("log.ndjson", "{\"x\":8}\n");
            Assert.Equal(8, (await _taker.NextAsync()).X);
        }
    }

    [Fact]
    public async Task Followed_RotatedWhileItRuns_LosesAndRepeatsNothing()
    {
        var expected = new List<double?>();
        Append("log.ndjson", "{\"x\":-1}\n");
        await using var following = Follow("log.ndjson");
        Assert.Equal(-1, (await _taker.NextAsync()).X);
        for (var i = 0; i < 60; i++)
        {
            Append("log.ndjson", $"{{\"x\":{i}}}\n");
            expected.Add(i);
            if (i % 6 != 5)
                continue;
            for (var n = 9; n > 0; n--)
                if (File.Exists(At($"log.ndjson.{n}")))
                    File.Move(At($"log.ndjson.{n}"), At($"log.ndjson.{n + 1}"));
            File.Move(At("log.ndjson"), At("log.ndjson.1"));
        }

        Append("log.ndjson", "{\"x\":60}\n");
        Assert.Equal([.. expected, 60], await _taker.NextAsync(61));
        Assert.True(_taker.IsEmpty);
    }

    [Fact]
    public async Task Followed_CopiedAndCutBetweenRuns_ReadsTheRestOfTheCopy()
    {
        var many = Enumerable.Range(0, 200).ToList();
        Append("log.ndjson", string.Concat(many.Select(i => $"{{\"x\":{i}}}\n")));
        await using (Follow("log.ndjson"))
            Assert.Equal(many.Select(i => (double?)i), await _taker.NextAsync(200));
        Append("log.ndjson", "{\"x\":200}\n");
        File.Copy(At("log.ndjson"), At("log.ndjson.1"));
        File.WriteAllText(At("log.ndjson"), "{\"x\":201}\n");
        await using (Follow("log.ndjson"))
            Assert.Equal([200, 201], await _taker.NextAsync(2));
    }

    [Fact]
    public async Task Followed_Pattern_SeesNewFiles_AndLeavesRotatedOnesToTheirFile()
    {
        Append("a.ndjson", "{\"x\":1}\n");
        await using var following = Follow("*");
        Assert.Equal(1, (await _taker.NextAsync()).X);
        Append("b.ndjson", "{\"x\":2}\n");
        Assert.Equal(2, (await _taker.NextAsync()).X);
        File.Move(At("a.ndjson"), At("a.ndjson.1"));
        Append("a.ndjson", "{\"x\":3}\n");
        Assert.Equal(3, (await _taker.NextAsync()).X);
        Append("c.ndjson", "{\"x\":4}\n");
        Assert.Equal(4, (await _taker.NextAsync()).X);
        Assert.True(_taker.IsEmpty);
    }

    [Fact]
    public async Task Followed_Csv_AfterARestart_KnowsItsColumns()
    {
        Append("log.csv", "y;x\n1;2\n");
        await using (Follow("log.csv"))
            Assert.Equal(2, (await _taker.NextAsync()).X);
        Append("log.csv", "3;4\n");
        await using (Follow("log.csv"))
            Assert.Equal(4, (await _taker.NextAsync()).X);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReadOnce_InterruptedAnywhere_GoesOnThere(bool isGzipped)
    {
        var lines = Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{{\"x\":{i}}}\n")));
        var path = At(isGzipped ? "log.ndjson.gz" : "log.ndjson");
        if (isGzipped)
        {
            await using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
            await gzip.WriteAsync(lines);
        }
        else
        {
            await File.WriteAllBytesAsync(path, lines);
        }

        _taker.Hold();
        await using (var first = Read(path))
            await first.EndAsync();
        _taker.Keep(2);
        _taker.Crash();
        var all = await _taker.NextAsync(20_000);
        await using (var second = Read(path))
            await second.EndAsync();
        var resumed = (int)(await _taker.NextAsync()).X!.Value;
        Assert.InRange(resumed, 1, 19_999);
        Assert.Equal(all.Skip(resumed + 1), await _taker.NextAsync(19_999 - resumed));
        Assert.True(_taker.IsEmpty);
        _taker.Keep();
        await using (var third = Read(path))
            await third.EndAsync();
        Assert.True(_taker.IsEmpty);
    }

    [Fact]
    public async Task File_OfGarbage_IsRejectedAndHurtsNothing()
    {
        var random = new Random(3);
        var garbage = new byte[3_000_000];
        random.NextBytes(garbage);
        await File.WriteAllBytesAsync(At("g.ndjson"), [.. garbage, .. "\n{\"x\":1}\n"u8.ToArray()]);
        await using (var reading = Read(At("g.ndjson")))
            await reading.EndAsync();
        (double? X, string? Reason) row;
        do
            row = await _taker.NextAsync();
        while (row.X != 1);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private void Append(string name, string text) => File.AppendAllText(At(name), text);

    private SourceRun Read(string path) => new(
        new FileSource(path, () => [path], follow: false, Decoding.Untimed, new DecoderOptions(), TimeProvider.System),
        _taker);

    private SourceRun Follow(string name)
    {
        var path = At(name);
        Func<IEnumerable<string>> find = name.Contains('*', StringComparison.Ordinal)
            ? () => Directory.EnumerateFiles(_folder, name).Order(StringComparer.Ordinal)
            : () => [path];
        var source = new FileSource(path, find, true, Decoding.Untimed, new DecoderOptions(), TimeProvider.System);
        return new SourceRun(source, _taker);
    }
}
