using System.Text;
using Cep.Events;
using Xunit;

namespace Cep.Tests.Events;

public sealed class StringPoolTests
{
    [Fact]
    public void Add_ManyTexts_GivesEachOneCode()
    {
        var pool = new StringPool();
        List<string> texts =
            [.. Enumerable.Range(0, 20_000).Select(i => $"text-{i}"), "", "é", "日本", new string('x', 1000)];

        var codes = texts.Select(pool.Add).ToList();

        Assert.Equal(Enumerable.Range(0, texts.Count), codes);
        Assert.Equal(codes, texts.Select(pool.Add));
        Assert.Equal(codes, texts.Select(t => pool.Add(Encoding.UTF8.GetBytes(t))));
        Assert.Equal(codes, texts.Select(pool.CodeOf));
        Assert.Equal(texts, codes.Select(c => pool[c]));
        Assert.Equal(texts, codes.Select(c => Encoding.UTF8.GetString(pool.Utf8(c))));
        Assert.Equal(texts.Count, pool.Count);
    }

    [Fact]
    public void CodeOf_UnknownText_IsMinusOne()
    {
        var pool = new StringPool();
        pool.Add("a");

        Assert.Equal(-1, pool.CodeOf("b"));
        Assert.Equal(1, pool.Count);
    }

    [Fact]
    public void Hash_TextsOfAllLengths_DependsOnEachByte()
    {
        for (var length = 1; length < 40; length++)
        {
            var bytes = new byte[length];
            var hash = StringPool.Hash(bytes);
            for (var i = 0; i < length; i++)
            {
                bytes[i] = 1;
                Assert.NotEqual(hash, StringPool.Hash(bytes));
                bytes[i] = 0;
            }
        }
    }

    [Fact]
    public void IsFull_ManyBytes_SaysSo()
    {
        var pool = new StringPool();
        for (var i = 0; !pool.IsFull; i++)
            pool.Add(new string((char)('a' + i % 26), 1 << 20) + i);

        Assert.InRange(pool.Count, 60, 70);
    }
}
