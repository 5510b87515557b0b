using System.Buffers;
using Cep.State;
using Cep.Time;
using Xunit;

namespace Cep.Tests.Time;

public sealed class TimeQueueTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Pop_AnyOrderOfPushes_GivesWhatASortedListGives(int seed)
    {
        var random = new Random(seed);
        var queue = new TimeQueue<Arrived>();
        var list = new SortedSet<(long Time, long Order, int Item)>();
        var disorder = random.Next(1, 200);

        for (var i = 0; i < 2000; i++)
        {
            var time = i + random.Next(disorder);
            queue.Push(new Arrived(time, i, i));
            list.Add((time, i, i));
            for (var n = random.Next(3); n > 0 && list.Count > 0; n--)
                PopBoth(queue, list);
        }

        while (list.Count > 0)
            PopBoth(queue, list);
        Assert.Equal(0, queue.Count);
        Assert.Equal(long.MaxValue, queue.NextTime);
    }

    [Fact]
    public void Load_ItemsWithoutANewNumber_AreLeftOut()
    {
        var queue = new TimeQueue<DueTimer>();
        for (var i = 0; i < 10; i++)
            queue.Push(10 - i, i);

        var even = new TimeQueue<DueTimer>();
        even.Load(new StateReader(Saved(queue)), item => item % 2 == 0 ? item / 2 : -1);

        Assert.Equal([2, 4, 6, 8, 10], even.Items().Select(e => e.Time).Order());
        Assert.Equal([0, 1, 2, 3, 4], even.Items().Select(e => e.Item).Order());
    }

    private static void PopBoth(TimeQueue<Arrived> queue, SortedSet<(long Time, long Order, int Item)> list)
    {
        var expected = list.Min;
        list.Remove(expected);
        Assert.Equal(expected.Time, queue.NextTime);
        var found = queue.Pop();
        Assert.Equal(expected, (found.Time, found.Order, found.Item));
        Assert.Equal(list.Count, queue.Count);
    }

    private static byte[] Saved(TimeQueue<DueTimer> queue)
    {
        var bytes = new ArrayBufferWriter<byte>();
        queue.Save(new StateWriter(bytes));
        return bytes.WrittenSpan.ToArray();
    }
}
