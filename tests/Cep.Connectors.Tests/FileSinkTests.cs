using Cep.Connectors.Files;

namespace Cep.Connectors.Tests;

public sealed class FileSinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cep-sink-").FullName;

    [Fact]
    public async Task Alerts_AreLines_InFilesOfASize_TheOldestGo()
    {
        var path = Path.Combine(_folder, "made/alerts.ndjson");
        using (var sink = new FileSink("f", path, rotateBytes: 1000, keep: 2))
        {
            for (var i = 0; i < 20; i++)
                await sink.SendAsync(Alerts.Of($"a{i}"), CancellationToken.None);
        }

        using (var again = new FileSink("f", path, rotateBytes: 1000, keep: 2))
            await again.SendAsync(Alerts.Of("last"), CancellationToken.None);
        var files = Directory.GetFiles(Path.GetDirectoryName(path)!).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["alerts.ndjson", "alerts.ndjson.1", "alerts.ndjson.2"], files.Select(Path.GetFileName));
        Assert.All(files, f => Assert.InRange(new FileInfo(f).Length, 1, 1000));
        Assert.Contains("\"last\"", (await File.ReadAllLinesAsync(path))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_ThatCannotBeWritten_IsAFailedDelivery()
    {
        using var sink = new FileSink("f", _folder);
        await Assert.ThrowsAsync<DeliveryException>(() => sink.SendAsync(Alerts.Of("a"), CancellationToken.None));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
