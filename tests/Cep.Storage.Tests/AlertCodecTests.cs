using Cep.Alerts;
using Cep.Plans;
using Cep.Storage.History;
using Cep.Storage.Tests.Keeping;

namespace Cep.Storage.Tests;

public sealed class AlertCodecTests
{
    [Fact]
    public void Alerts_ComeBackAsTheyWere()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var alert = Make(new Random(seed));
            var bytes = AlertCodec.Encode(alert);
            var read = AlertCodec.Decode(bytes);
            Assert.Equal(CrashRules.Json(alert), CrashRules.Json(read));
            Assert.Equal(alert.Shadow, read.Shadow);
            Assert.Equal(bytes, AlertCodec.Encode(read));
        }
    }

    [Fact]
    public void BytesOfAnotherVersion_AreRefused() =>
        Assert.Throws<InvalidDataException>(() => AlertCodec.Decode("nothing"u8));

    private static Alert Make(Random random)
    {
        var batch = RandomBatch.Make(random, 5);
        return new Alert
        {
            Id = random.NextInt64().ToString("x16", System.Globalization.CultureInfo.InvariantCulture),
            Rule = "rule",
            AtMs = random.NextInt64(-1L << 42, 1L << 42),
            Status = random.Next(2) == 0 ? AlertStatus.Firing : AlertStatus.Resolved,
            Severity = (Severity)random.Next(5),
            Key = [new("a", null), new("b", 1L), new("ünicode", "\"text\"\n")],
            Message = "it is\u0000so",
            Labels = [new("team", "x")],
            Fields =
            [
                new("time", DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(1L << 41))),
                new("span", TimeSpan.FromMilliseconds(random.Next(1 << 30))), new("n", random.NextInt64()),
                new("x", random.NextDouble()), new("yes", true), new("list", new object?[] { 1L, "a", null }),
                new("none", null),
            ],
            Evidence = [.. Enumerable.Range(0, random.Next(5)).Select(
                row => new Evidence(random.Next(2) == 0 ? null : "step", batch, row))],
            Window = random.Next(2) == 0 ? null : (5, 10),
            Revision = random.Next(2) == 0 ? null : random.Next(3),
            Suppressed = random.Next(3),
            Shadow = random.Next(2) == 0,
        };
    }
}
