using System.IO.Compression;
using System.Text;
using Cep.Connectors.Files;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Tests;

public sealed class CsvDecoderTests
{
    private static readonly StreamSchema Payments = new(
        "payments",
        [
            new("ts", DataType.Timestamp), new("card", DataType.String), new("amount", DataType.Number),
            new("count", DataType.Integer), new("ok", DataType.Bool), new("wait", DataType.Duration),
        ],
        "ts");

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    public void Record_OfEachType_IsConverted(char delimiter)
    {
        var input = "card,ts,unknown,amount,count,ok,wait\r\nc1,2026-01-01T00:00:00Z,x,12.5,3,TRUE,1m30s\r\n,5,,,,,\r\n"
            .Replace(',', delimiter);
        var batch = Decoding.Csv(Payments, input);
        Assert.Equal(
            [1_767_225_600_000L, "c1", 12.5, 3L, true, 90_000L], Payments.Fields.Select(f => batch.Value(f.Name)));
        Assert.Equal([5L, null, null, null, null, null], Payments.Fields.Select(f => batch.Value(f.Name, 1)));
    }

    [Theory]
    [InlineData("1,c,abc", "line 2: field 'amount' must be a number, but is \"abc\"")]
    [InlineData("1,c,NaN", "line 2: field 'amount' must be a number, but is \"NaN\"")]
    [InlineData("1,c", "line 2: 2 columns, but the header has 3")]
    [InlineData("1,c,2,", "line 2: 4 columns, but the header has 3")]
    [InlineData(",c,2", "line 2: the time field 'ts' is missing or null")]
    [InlineData("soon,c,2", "line 2: field 'ts' must be a timestamp (ISO 8601 or epoch milliseconds), but is \"soon\"")]
    [InlineData("1,\"c\"x,2", "line 2: text after a closing quote")]
    public void Record_ThatFitsNoEvent_IsRejectedWithTheReason(string record, string reason)
    {
        var batch = Decoding.Csv(Payments, $"ts,card,amount\n{record}\n7,d,8\n");
        Assert.Equal(reason, Assert.Single(batch.Rejected).Reason);
        Assert.Equal(record, batch.Rejected[0].Raw);
        Assert.Equal("d", batch.Value("card"));
    }

    [Fact]
    public void Quote_NeverClosed_RejectsTheRest()
    {
        var batch = Decoding.Csv(Payments, "ts,card\n1,a\n2,\"b\n3,c\n");
        Assert.Equal([1], batch.Times[..batch.Count]);
        Assert.Equal("line 3: a quote is not closed", Assert.Single(batch.Rejected).Reason);
    }

    [Fact]
    public void Line_AfterQuotedLineBreaks_HasItsNumber()
    {
        var batch = Decoding.Csv(Payments, "ts,card\n1,\"a\nb\"\nx,c\n");
        Assert.Equal("a\nb", batch.Value("card"));
        Assert.Equal(4, Assert.Single(batch.Rejected).Line);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void RandomTexts_WrittenAndRead_AreTheSame(int seed)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, 5000).Select(_ => RandomText(random)).ToArray();
        var input = new StringBuilder("ts,\"card\"\n");
        for (var i = 0; i < texts.Length; i++)
            input.Append(i).Append(',').Append(Quoted(random, texts[i])).Append(random.Next(2) == 0 ? "\r\n" : "\n");
        var batches = Decoding.Csv(Payments, input.ToString(), random.Next(1, 900), null, random.Next(300, 9000));
        Assert.Empty(batches.SelectMany(b => b.Rejected));
        Assert.Equal(
            texts.Select(t => t.Length == 0 ? null : t),
            batches.SelectMany(b => Enumerable.Range(0, b.Count).Select(row => (string?)b.Value("card", row))));
    }

    [Fact]
    public void File_Gzipped_IsReadLikeThePlainOne()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".csv.gz");
        using (var gz = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            gz.Write(
                Encoding.UTF8.GetBytes(
                    "ts,card\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{i},c{i}\n"))));
        using (var input = RecordedInput.Open(path, Payments, new DecoderOptions()))
        {
            var times = new List<long>();
            while (input.Next() is { } batch)
                times.AddRange(batch.Times[..batch.Count]);
            Assert.Equal(Enumerable.Range(0, 10_000).Select(i => (long)i), times);
        }

        File.Delete(path);
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var i = random.Next(20); i > 0; i--)
            text.Append("ab,;\"\né 1"[random.Next(9)]);
        return text.ToString();
    }

    private static string Quoted(Random random, string text) =>
        random.Next(2) == 0 || text.AsSpan().ContainsAny(",\"\n")
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
}
