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

        /// <summary>The event before it, 0: it is the first; of a junction the branch whose events are looked at.</summary>
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
        if (before > 0)
            _links[before].Holders++;
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

    /// <summary>A hash of the events and steps of a chain without junctions.</summary>
    public ulong HashOf(int link)
    {
        var hash = 0x9E3779B97F4A7C15UL;
        for (; link > 0; link = _links[link].Before)
            hash = (hash ^ ((ulong)(uint)_links[link].Row << 16 | (ushort)_links[link].Step)) * 0xD6E8FEB86659FD93UL;
        return hash;
    }

    /// <summary>Whether two chains without junctions have the same events by the same steps.</summary>
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

    /// <summary>
    /// Lists the matches that end in a link and began at a time or later, each as a chain of its own that is held once.
    /// </summary>
    /// <returns>False where there are more than the limit.</returns>
    public bool List(int link, long fromMs, int limit, List<int> chains)
    {
        BeginPaths(link);
        while (NextPath(fromMs))
        {
            if (chains.Count == limit)
                return false;
            chains.Add(ChainOf(_path));
        }

        return true;
    }

    /// <summary>
    /// Of the matches that end in a link and began at a time or later the one that began first, as a chain that is held
    /// once; 0: there is none.
    /// </summary>
    public int Earliest(int link, long fromMs)
    {
        var best = new List<int>();
        BeginPaths(link);
        while (NextPath(fromMs))
        {
            if (_branches.Count == 0 && best.Count == 0)
                return ChainOf(_path);
            if (best.Count > 0 && _links[_path[^1]].Number >= _links[best[^1]].Number)
                continue;
            best.Clear();
            best.AddRange(_path);
        }

        return best.Count == 0 ? 0 : ChainOf(best);
    }

    /// <summary>The last event of a step from a link on, or 0.</summary>
    public int LastOf(int step, int link)
    {
        while (link > 0 && _links[link].Step != step)
            link = _links[link].Before;
        return link;
    }

    /// <summary>Where a step's last event is kept, or -1.</summary>
    public int RowOfLast(int step, int link) => LastOf(step, link) is > 0 and var last ? _links[last].Row : -1;

    /// <summary>Whether two matches agree in the events that conditions may still look at.</summary>
    public bool Agree(int a, int b, PatternReferences references)
    {
        foreach (var step in references.Last)
            if (RowOfLast(step, a) != RowOfLast(step, b))
                return false;
        foreach (var step in references.BeforeLast)
            if (!HaveSame(step, a, b, 2))
                return false;
        foreach (var step in references.All)
            if (!HaveSame(step, a, b, MostCompared))
                return false;
        return true;
    }

    private bool HaveSame(int step, int a, int b, int howMany)
    {
        for (var n = 0; n < howMany; n++)
        {
            (a, b) = (LastOf(step, a), LastOf(step, b));
            if (a == b)
                return true;
            if (a == 0 || b == 0 || _links[a].Row != _links[b].Row)
                return false;
            (a, b) = (_links[a].Before, _links[b].Before);
        }

        return howMany < MostCompared;
    }

    /// <summary>The number of the first event of a chain without junctions.</summary>
    public int FirstNumberOf(int link)
    {
        while (_links[link].Before > 0)
            link = _links[link].Before;
        return _links[link].Number;
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

    private void BeginPaths(int link)
    {
        _path.Clear();
        _branches.Clear();
        _branches.Push((link, 0));
    }

    /// <summary>Follows the next match to its first event: the path holds its links, the last event first.</summary>
    private bool NextPath(long fromMs)
    {
        while (_branches.TryPop(out var branch))
        {
            var (at, depth) = branch;
            _path.RemoveRange(depth, _path.Count - depth);
            for (; at > 0 && _links[at].FirstMs >= fromMs; at = _links[at].Before)
            {
                if (!_links[at].IsJunction)
                    _path.Add(at);
                else if (_links[at].Row > 0)
                    _branches.Push((_links[at].Row, _path.Count));
            }

            if (at == 0)
                return true;
        }

        return false;
    }

    private int ChainOf(List<int> path)
    {
        // what has no junction behind it is a chain already
        var from = path.Count;
        var chain = 0;
        while (from > 0 && _links[path[from - 1]].Before == chain)
            chain = path[--from];
        if (chain > 0)
            Hold(chain);
        while (from > 0)
        {
            var before = chain;
            var at = _links[path[--from]];
            chain = Add(before, at.Step, at.Row, at.Number);
            LetGo(before);
        }

        return chain;
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
