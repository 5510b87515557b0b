using Cep.Events;
using Cep.State;

namespace Cep.Detection.Patterns;

/// <summary>
/// The events that partial matches have taken. A match is a chain from its last event to its first; matches that begin
/// in the
/// same way share that part. What no chain holds any more is let go.
/// </summary>
internal sealed class MatchStore
{
    /// <summary>An event in a chain.</summary>
    public struct Link
    {
        /// <summary>The event before it; 0: it is the first.</summary>
        public int Before;
        public int Row;
        public int Step;

        /// <summary>The number of the event among the key's.</summary>
        public int Number;
        public int Holders;
    }

    private readonly Slab<Link> _links = new();
    private readonly RowStore[] _rows;
    private readonly int[][] _holders;
    private readonly int[] _inputOfStep;
    private readonly EventBatch?[] _batches;

    /// <param name="schemas">The streams of the inputs.</param>
    /// <param name="computed">The storage of the columns computed beside the events of the first.</param>
    /// <param name="inputOfStep">Which input each step reads.</param>
    public MatchStore(StreamSchema[] schemas, IReadOnlyList<DataType> computed, int[] inputOfStep)
    {
        _rows = [.. schemas.Select((s, i) => new RowStore(s, i == 0 ? computed : []))];
        _holders = [.. schemas.Select(_ => new int[16])];
        _inputOfStep = inputOfStep;
        _batches = new EventBatch?[schemas.Length];
    }

    public ref Link this[int link] => ref _links[link];

    public int Count => _links.Count;

    public RowStore RowsOf(int step) => _rows[_inputOfStep[step]];

    public long TimeOf(int link) => RowsOf(_links[link].Step).Times[_links[link].Row];

    /// <summary>Keeps an event, until <see cref="LetGoRow"/> for as long as no link holds it.</summary>
    public int Keep(int input, EventBatch batch, int row, ReadOnlySpan<Column> computed)
    {
        var kept = _rows[input].Add(batch, row, computed);
        HoldRow(input, kept);
        return kept;
    }

    public void LetGoRow(int input, int row)
    {
        if (--_holders[input][row] == 0)
            _rows[input].Remove(row);
    }

    /// <summary>A new last event of a chain, held once.</summary>
    public int Add(int before, int step, int row, int number)
    {
        var index = _links.Take();
        _links[index] = new Link { Before = before, Row = row, Step = step, Number = number, Holders = 1 };
        if (before > 0)
            _links[before].Holders++;
        HoldRow(_inputOfStep[step], row);
        return index;
    }

    private void HoldRow(int input, int row)
    {
        ref var holders = ref _holders[input];
        if (row >= holders.Length)
            Array.Resize(ref holders, Math.Max(row + 1, holders.Length * 2));
        holders[row]++;
    }

    public void Hold(int link) => _links[link].Holders++;

    public void LetGo(int link)
    {
        while (link > 0 && --_links[link].Holders == 0)
        {
            var (before, row, input) = (_links[link].Before, _links[link].Row, _inputOfStep[_links[link].Step]);
            LetGoRow(input, row);
            _links.Give(link);
            link = before;
        }
    }

    public int LengthOf(int link)
    {
        var length = 0;
        for (; link > 0; link = _links[link].Before)
            length++;
        return length;
    }

    public bool AreSame(int a, int b)
    {
        while (a != b)
        {
            if (a == 0 || b == 0 || _links[a].Row != _links[b].Row || _links[a].Step != _links[b].Step)
                return false;
            (a, b) = (_links[a].Before, _links[b].Before);
        }

        return true;
    }

    /// <summary>The chain's events, in order, where they lie.</summary>
    public void Refer(int link, List<(string? Step, EventBatch Batch, int Row)> evidence, string[] names)
    {
        for (; link > 0; link = _links[link].Before)
        {
            ref var at = ref _links[link];
            evidence.Add((names[at.Step], BatchOf(_inputOfStep[at.Step]), at.Row));
        }

        evidence.Reverse();
    }

    private EventBatch BatchOf(int input)
    {
        var rows = _rows[input];
        if (_batches[input] is not { } batch || batch.Times != rows.Times)
            _batches[input] = batch = rows.AsBatch();
        return batch;
    }

    /// <summary>Writes the links that chains need, each after the one before it, and gives each a number.</summary>
    public void Save(StateWriter writer, IEnumerable<int> chains, Dictionary<int, int> numbers)
    {
        var order = new List<int>();
        var rows = new Dictionary<(int Input, int Row), int>();
        foreach (var chain in chains)
        {
            var from = order.Count;
            for (var link = chain; link > 0 && numbers.TryAdd(link, 0); link = _links[link].Before)
                order.Add(link);
            order.Reverse(from, order.Count - from);
        }

        writer.Int(order.Count);
        for (var i = 0; i < order.Count; i++)
        {
            var link = _links[order[i]];
            numbers[order[i]] = i + 1;
            writer.Int(link.Before == 0 ? 0 : numbers[link.Before]);
            writer.Int(link.Step);
            writer.Int(link.Number);
            var input = _inputOfStep[link.Step];
            var isNew = rows.TryAdd((input, link.Row), rows.Count);
            writer.Int(isNew ? -1 : rows[(input, link.Row)]);
            if (isNew)
                _rows[input].Save(writer, link.Row);
        }
    }

    /// <summary>Reads links back; each is held once, for the reader, who lets all go at the end.</summary>
    public int[] Load(StateReader reader)
    {
        var links = new int[reader.Count() + 1];
        var rows = new List<int>();
        for (var i = 1; i < links.Length; i++)
        {
            var (before, step, number, known) = (reader.Int(), reader.Int(), reader.Int(), reader.Int());
            var row = known;
            if (known < 0)
                rows.Add(row = _rows[_inputOfStep[step]].Load(reader));
            else
                row = rows[known];
            links[i] = Add(links[before], step, row, number);
        }

        return links;
    }
}
