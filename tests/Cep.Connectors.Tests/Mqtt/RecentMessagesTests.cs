using Cep.Connectors.Mqtt;

namespace Cep.Connectors.Tests.Mqtt;

public sealed class RecentMessagesTests
{
    private readonly Dictionary<string, byte[]> _kept = new(StringComparer.Ordinal);

    [Theory]
    [InlineData(1, 20, 1)]
    [InlineData(2, 64, 3)]
    [InlineData(3, 300, 40)]
    [InlineData(4, 1000, 700)]
    public void Window_AfterARestartAtAnyArrival_HoldsTheMessagesOfTheWindow(int seed, int window, int mostOfAnArrival)
    {
        var random = new Random(seed);
        var recent = Open(window);
        var sent = new List<(ushort Id, ulong Hash)>();
        for (var arrival = 0; arrival < 400; arrival++)
        {
            for (var i = random.Next(1, mostOfAnArrival + 1); i > 0; i--)
            {
                sent.Add(((ushort)(sent.Count % 65535 + 1), (ulong)random.NextInt64()));
                recent.Add(sent[^1].Id, sent[^1].Hash);
            }

            var mark = recent.TakeMark();
            _kept[mark.Part] = mark.Position;
            Assert.InRange(mark.Position.Length, 0, 8 + 10 * (64 + mostOfAnArrival));
            if (random.Next(20) == 0)
                recent = Open(window);
            Assert.All(sent.TakeLast(window), m => Assert.True(recent.Contains(m.Id, m.Hash)));
        }

        Assert.InRange(_kept.Count, 1, window / 64 + 2);
        Assert.DoesNotContain(sent.SkipLast(65535), m => recent.Contains(m.Id, m.Hash));
    }

    [Fact]
    public void Id_UsedAgainForAnotherMessage_ReplacesTheFirst()
    {
        var recent = Open(100);
        recent.Add(7, 1);
        recent.Add(7, 2);
        Assert.False(recent.Contains(7, 1));
        Assert.True(recent.Contains(7, 2));
        var mark = recent.TakeMark();
        _kept[mark.Part] = mark.Position;
        Assert.True(Open(100).Contains(7, 2));
    }

    [Fact]
    public void Marks_ThatAreNone_AreAsIfTheyWereNotThere()
    {
        _kept["s/0"] = [1, 2, 3];
        _kept["s/1"] = new byte[9];
        Assert.True(Open(100).IsEmpty);
    }

    [Fact]
    public void Hash_OfTopicAndPayload_TellsThemApart()
    {
        Assert.NotEqual(RecentMessages.HashOf("a"u8, "b"u8), RecentMessages.HashOf("b"u8, "a"u8));
        Assert.NotEqual(RecentMessages.HashOf("ab"u8, ""u8), RecentMessages.HashOf("a"u8, "b"u8));
    }

    private RecentMessages Open(int window) => new("s", window, part => _kept.GetValueOrDefault(part));
}
