using System.Text;
using Cep.Events;
using Xunit;

namespace Cep.Tests.Events;

public sealed class RowStoreTests
{
    private static readonly StreamSchema Schema = new("s", [new FieldSchema("text", DataType.String)]);

    [Fact]
    public void Add_MoreTextsThanOnePoolOfADecoderHolds_KeepsThemAll()
    {
        const int count = 1_100_000;
        var store = new RowStore(Schema, []);
        var builder = new EventBatchBuilder(Schema, 4096);
        for (var i = 0; i < count; i++)
        {
            builder.Columns[0].Codes[builder.Count] = builder.Columns[0].Pool.Add(Encoding.UTF8.GetBytes($"t{i}"));
            builder.Commit(i);
            if (builder.Count < 4096 && i < count - 1)
                continue;
            var batch = builder.Build();
            for (var row = 0; row < batch.Count; row++)
                store.Add(batch, row, []);
        }

        for (var i = 0; i < count; i += 997)
            Assert.Equal($"t{i}", store.Columns[0].ValueAt(i));
        Assert.Equal($"t{count - 1}", store.Columns[0].ValueAt(count - 1));
    }
}
