using System.Runtime.InteropServices;
using Cep.Events;
using Cep.State;

namespace Cep.Detection.Patterns;

/// <summary>
/// The events that partial matches have taken. A match is a chain from its last event to its first; matches that begin
/// in the same way share that part, and matches that go on in the same way share that one: a junction stands for those
/// of two branches, which all go on together. What nothing holds any more is let go.
/// </summary>
/// <remarks>
/// The structure is the time-ordered enumerable compact set of CORE (Bucchi et al., PVLDB 15(9), 2022): every link
/// knows the latest first event of the matches that end in it, so that those out of time are passed over whole, and
/// what is left is listed with work in proportion to what is listed.
/// </remarks>
internal sealed class MatchStore
{
    /// <summary>An event in a chain, or a junction.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct Link
    {
        /// <summary>The time of the latest first event among the matches that end here, ms.</summary>
        public long FirstMs;

        /// <summary>
        /// The event before it, 0: it is the first;
        /// of a junction the branch whose events are looked at.
        /// </summary>
        public int Before;

        /// <summary>Where the event is kept; of a junction the other branch.</summary>
        public int Row;

        /// <summary>The number of the event among the key's; of a junction when it was last cleared out.</summary>
        public int Number;
        public int Holders;

        /// <summary>The step that took it; -1: a junction.</summary>
        public short Step;

        public readonly bool IsJunction => Step < 0;
    }

    /// <summary>Matches that agree in so many events of a step are not compared further: they go on apart.</summary>
    private const int MostCompared = 32;

    private readonly Slab<Link> _links = new();
    private readonly RowStore[] _rows;
    private readonly int[][] _holders;
    private readonly int[] _inputOfStep;
    private readonly EventBatch?[] _batches;
    private readonly Stack<(int Link, int Depth)> _branches = new();
    private readonly List<int> _path = [];
    private readonly HashSet<int> _seen = [];
    private readonly Stack<int> _open = new();
    private readonly Stack<int> _released = new();

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

    /// <summary>The number of junctions.</summary>
    public int Junctions { get; private set; }

    public RowStore RowsOf(int step) => _rows[_inputOfStep[step]];

    /// <summary>The last event of the matches that end in a link; of a junction that of one of them.</summary>
    public int EventOf(int link) => _links[link].IsJunction ? _links[link].Before : link;

    public long TimeOf(int link)
    {
        ref var at = ref _links[EventOf(link)];
        return RowsOf(at.Step).Times[at.Row];
    }

    public int NumberOf(int link) => _links[EventOf(link)].Number;

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
        if (before > 0)
            _links[before].Holders++;
        return Extend(before, step, row, number);
    }

    /// <summary>A new last event of a chain, held once; takes over a holder of the one before.</summary>
    public int Extend(int before, int step, int row, int number)
    {
        var index = _links.Take();
        var input = _inputOfStep[step];
        _links[index] = new Link
        {
            FirstMs = before > 0 ? _links[before].FirstMs : _rows[input].Times[row],
            Before = before,
            Row = row,
            Step = (short)step,
            Number = number,
            Holders = 1,
        };
        HoldRow(input, row);
        return index;
    }

    /// <summary>
    /// Joins matches that go on together; takes over one holder of each. One of the two must not be a junction: it is
    /// the one whose events are looked at.
    /// </summary>
    /// <param name="a">Matches.</param>
    /// <param name="b">Others.</param>
    /// <param name="timeMs">Now.</param>
    /// <param name="withinMs">How long after its first event a match may be complete.</param>
    public int Join(int a, int b, long timeMs, long withinMs)
    {
        if (_links[a].IsJunction)
            (a, b) = (b, a);
        // cleared out once in half of that time: so each event is looked at a few times at most
        var half = withinMs == long.MaxValue ? 0 : (int)(timeMs / (withinMs / 2 + 1));
        if (_links[b].IsJunction && _links[b].Number != half && _links[b].FirstMs >= timeMs - withinMs)
            ClearOut(b, timeMs - withinMs);

        return AddJunction(a, b, Math.Max(_links[a].FirstMs, _links[b].FirstMs), half);
    }

    public void Hold(int link) => _links[link].Holders++;

    public void LetGo(int link)
    {
        while (true)
        {
            if (link == 0 || --_links[link].Holders > 0)
            {
                if (!_released.TryPop(out link))
                    return;
                continue;
            }

            var (before, row, step) = (_links[link].Before, _links[link].Row, _links[link].Step);
            _links.Give(link);
            if (step >= 0)
            {
                LetGoRow(_inputOfStep[step], row);
            }
            else
            {
                Junctions--;
                _released.Push(row);
            }

            link = before;
        }
    }

    /// <summary>Lets go of everything.</summary>
    public void Clear()
    {
        _links.Clear();
        Junctions = 0;
        for (var input = 0; input < _holders.Length; input++)
            for (var row = 0; row < _holders[input].Length; row++)
                if (_holders[input][row] > 0)
                {
                    _holders[input][row] = 0;
                    _rows[input].Remove(row);
                }
    }

    /// <summary>The number of events of a chain without junctions.</summary>
    public int LengthOf(int link)
    {
        var length = 0;
        for (; link > 0; link = _links[link].Before)
            length++;
        return length;
    }

    /// <summary>The last event of a step from a link on, or 0.</summary>
    public int LastOf(int step, int link)
    {
        while (link > 0 && _links[link].Step != step)
            link = _links[link].Before;
        return link;
    }

    /// <summary>Whether two matches have the same events of a step, as far as they are compared.</summary>
    public bool HaveSame(int step, int a, int b)
    {
        for (var n = 0; n < MostCompared; n++)
        {
            (a, b) = (LastOf(step, a), LastOf(step, b));
            if (a == b)
                return true;
            if (a == 0 || b == 0 || _links[a].Row != _links[b].Row)
                return false;
            (a, b) = (_links[a].Before, _links[b].Before);
        }

        return false;
    }

    /// <summary>The events of a path, in order, where they lie.</summary>
    public void Refer(ReadOnlySpan<int> path, List<(string? Step, EventBatch Batch, int Row)> evidence, string[] names)
    {
        for (var i = path.Length - 1; i >= 0; i--)
        {
            ref var at = ref _links[path[i]];
            evidence.Add((names[at.Step], BatchOf(_inputOfStep[at.Step]), at.Row));
        }
    }

    /// <summary>
    /// Begins to list the matches that end in a link, each as a path:
    /// its links, that of the last event first.
    /// </summary>
    public void BeginPaths(int link)
    {
        _path.Clear();
        _branches.Clear();
        _branches.Push((link, 0));
    }

    /// <summary>The next match that began at a time or later; none: there are no more.</summary>
    public ReadOnlySpan<int> NextPath(long fromMs)
    {
        while (_branches.TryPop(out var branch))
        {
            var (at, depth) = branch;
            CollectionsMarshal.SetCount(_path, depth);
            for (; at > 0 && _links[at].FirstMs >= fromMs; at = _links[at].Before)
            {
                if (!_links[at].IsJunction)
                    _path.Add(at);
                else if (_links[at].Row > 0)
                    _branches.Push((_links[at].Row, _path.Count));
            }

            if (at == 0)
                return CollectionsMarshal.AsSpan(_path);
        }

        return [];
    }

    /// <summary>A hash of the events and steps of a path.</summary>
    public ulong HashOf(ReadOnlySpan<int> path)
    {
        var hash = 0x9E3779B97F4A7C15UL;
        foreach (var link in path)
            hash = (hash ^ ((ulong)(uint)_links[link].Row << 16 | (ushort)_links[link].Step)) * 0xD6E8FEB86659FD93UL;
        return hash;
    }

    /// <summary>Whether two paths have the same events by the same steps.</summary>
    public bool AreSame(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        if (a.Length != b.Length)
            return false;
        for (var i = 0; i < a.Length; i++)
            if (a[i] != b[i] && (_links[a[i]].Row != _links[b[i]].Row || _links[a[i]].Step != _links[b[i]].Step))
                return false;
        return true;
    }

    /// <summary>Writes the links that chains need, each after those before it, and gives each a number.</summary>
    public void Save(StateWriter writer, IEnumerable<int> chains, Dictionary<int, int> numbers)
    {
        var order = new List<int>();
        foreach (var chain in chains)
            Order(chain, order, numbers);
        writer.Int(order.Count);
        var rows = new Dictionary<(int Input, int Row), int>();
        foreach (var index in order)
        {
            var link = _links[index];
            writer.Int(link.Before == 0 ? 0 : numbers[link.Before]);
            writer.Int(link.Step);
            writer.Int(link.Number);
            if (link.IsJunction)
            {
                writer.Int(link.Row == 0 ? 0 : numbers[link.Row]);
                continue;
            }

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
            if (step < 0)
            {
                links[i] = LoadJunction(links[before], links[known], number);
                continue;
            }

            var row = known;
            if (known < 0)
                rows.Add(row = _rows[_inputOfStep[step]].Load(reader));
            else
                row = rows[known];
            links[i] = Add(links[before], step, row, number);
        }

        return links;
    }

    private int LoadJunction(int before, int other, int number)
    {
        Hold(before);
        if (other > 0)
            Hold(other);
        var firstMs = _links[before].FirstMs;
        if (other > 0)
            firstMs = Math.Max(firstMs, _links[other].FirstMs);
        return AddJunction(before, other, firstMs, number);
    }

    private int AddJunction(int before, int other, long firstMs, int number)
    {
        var index = _links.Take();
        Junctions++;
        _links[index] = new Link
        {
            FirstMs = firstMs,
            Before = before,
            Row = other,
            Step = -1,
            Number = number,
            Holders = 1,
        };
        return index;
    }

    private void HoldRow(int input, int row)
    {
        ref var holders = ref _holders[input];
        if (row >= holders.Length)
            Array.Resize(ref holders, Math.Max(row + 1, holders.Length * 2));
        holders[row]++;
    }

    /// <summary>Fetches fields of a link's event that will be looked at soon.</summary>
    public void Prefetch(int link, int[] fields)
    {
        ref var at = ref _links[EventOf(link)];
        var columns = RowsOf(at.Step).Columns;
        foreach (var field in fields)
        {
            if (field >= columns.Length)
                continue;
            var column = columns[field];
            if (column.Type == DataType.Number)
                Detection.Prefetch.Line(ref column.Doubles[at.Row]);
            else if (column.IsLong)
                Detection.Prefetch.Line(ref column.Longs[at.Row]);
            else if (column.Type == DataType.String)
                Detection.Prefetch.Line(ref column.Codes[at.Row]);
        }
    }

    private EventBatch BatchOf(int input)
    {
        var rows = _rows[input];
        if (_batches[input] is not { } batch || batch.Times != rows.Times)
            _batches[input] = batch = rows.AsBatch();
        return batch;
    }

    /// <summary>Lets go of what began before a time, wherever a junction leads to nothing else.</summary>
    private void ClearOut(int link, long fromMs)
    {
        _seen.Clear();
        _open.Push(link);
        while (_open.TryPop(out var at))
        {
            for (; at > 0 && _seen.Add(at); at = _links[at].Before)
            {
                if (!_links[at].IsJunction)
                    continue;
                CutOff(at, fromMs);
                if (_links[at].Row > 0)
                    _open.Push(_links[at].Row);
            }
        }
    }

    /// <summary>Leaves a junction with what is in time; at least one of its branches is.</summary>
    private void CutOff(int junction, long fromMs)
    {
        while (_links[junction].Row is > 0 and var other)
        {
            if (_links[other].FirstMs < fromMs)
            {
                _links[junction].Row = 0;
                LetGo(other);
            }
            else if (_links[_links[junction].Before].FirstMs < fromMs)
            {
                // the other branch takes the junction's place
                var gone = _links[junction].Before;
                var (before, row) = _links[other].IsJunction ? (_links[other].Before, _links[other].Row) : (other, 0);
                Hold(before);
                if (row > 0)
                    Hold(row);
                (_links[junction].Before, _links[junction].Row) = (before, row);
                LetGo(gone);
                LetGo(other);
            }
            else if (_links[other] is { IsJunction: true, Row: 0 } alias)
            {
                Hold(alias.Before);
                _links[junction].Row = alias.Before;
                LetGo(other);
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Lists a link behind all that it leads to.</summary>
    private void Order(int link, List<int> order, Dictionary<int, int> numbers)
    {
        _open.Push(link);
        while (_open.TryPeek(out var at))
        {
            var next = _links[at].Before;
            if (next > 0 && !numbers.ContainsKey(next))
            {
                _open.Push(next);
                continue;
            }

            next = _links[at].IsJunction ? _links[at].Row : 0;
            if (next > 0 && !numbers.ContainsKey(next))
            {
                _open.Push(next);
                continue;
            }

            _open.Pop();
            if (!numbers.TryAdd(at, order.Count + 1))
                continue;
            order.Add(at);
        }
    }
}
