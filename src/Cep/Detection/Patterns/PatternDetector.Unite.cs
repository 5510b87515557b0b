using Cep.Plans;

namespace Cep.Detection.Patterns;

internal sealed partial class PatternDetector
{
    /// <summary>So many are compared with each other; of more, those with equal hashes.</summary>
    private const int FewWays = 6;

    private readonly List<int> _candidates = [];
    private int[] _table = [];

    /// <summary>
    /// Whether matches may go on together. They may where nothing but their events tells them apart from then on: not
    /// the deadlines of absences and timeouts, not what may still take the place of a match that waits, not a place
    /// among the others to which a match skips back.
    /// </summary>
    private bool CanUnite(PatternPlan plan) =>
        plan.Report == PatternReport.Earliest && !HasTimers && !_remembers && (_matches, plan.AfterMatch.Kind) is
            (PatternMatches.One, AfterMatchKind.NoSkip or AfterMatchKind.SkipPastLast or AfterMatchKind.SkipToNext)
            or (PatternMatches.All, AfterMatchKind.NoSkip);

    private bool UnitesWays => _unites && _matches == PatternMatches.All;

    /// <summary>Unites what goes on in the same way from now on.</summary>
    private void Unite(ref KeyState key)
    {
        if (key.First == 0)
            return;

        // many that could not be united are looked at again only after some of them have changed
        if (key.Pause > 0)
        {
            key.Pause--;
            return;
        }

        _candidates.Clear();
        if (UnitesWays)
        {
            Gather(ref key);
            for (var way = _attempts[key.First].Ways; way > 0; way = _ways[way].Next)
                _candidates.Add(way);
        }
        else
        {
            for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
                _candidates.Add(attempt);
        }

        if (_candidates.Count < 2)
            return;
        if (_candidates.Count <= FewWays)
            UniteFew();
        else
            UniteMany();
        Relink(ref key);
        var apart = _candidates.Count(c => c > 0);
        key.Pause = apart > FewWays ? apart / 8 : 0;
    }

    /// <summary>
    /// Puts all ways into the first attempt:
    /// where every match counts, whose way it is does not matter.
    /// </summary>
    private void Gather(ref KeyState key)
    {
        var last = 0;
        for (var way = _attempts[key.First].Ways; way > 0; way = _ways[way].Next)
            last = way;
        while (_attempts[key.First].Next is > 0 and var other)
        {
            _attempts[key.First].Next = _attempts[other].Next;
            _ways[last].Next = _attempts[other].Ways;
            while (_ways[last].Next > 0)
                last = _ways[last].Next;
            _attempts.Give(other);
        }

        key.Last = key.First;
    }

    private void UniteFew()
    {
        for (var i = 0; i < _candidates.Count; i++)
            for (var k = i + 1; k < _candidates.Count; k++)
                if (_candidates[i] > 0 && _candidates[k] > 0 && TryUnite(_candidates[i], _candidates[k]))
                    _candidates[k] = 0;
    }

    private void UniteMany()
    {
        var size = 16;
        while (size < _candidates.Count * 2)
            size *= 2;
        if (_table.Length < size)
            _table = new int[size];
        Array.Clear(_table, 0, size);
        for (var i = 0; i < _candidates.Count; i++)
        {
            var candidate = _candidates[i];
            var at = (int)(HashOf(candidate) >> 32) & (size - 1);
            for (; _table[at] > 0; at = (at + 1) & (size - 1))
            {
                if (!TryUnite(_table[at], candidate))
                    continue;
                _candidates[i] = 0;
                break;
            }

            if (_candidates[i] > 0)
                _table[at] = candidate;
        }
    }

    private void Relink(ref KeyState key)
    {
        var last = 0;
        foreach (var candidate in _candidates)
        {
            if (candidate == 0)
                continue;
            if (UnitesWays)
                _ways[candidate].Next = 0;
            else
                _attempts[candidate].Next = 0;
            if (last > 0 && UnitesWays)
                _ways[last].Next = candidate;
            else if (last > 0)
                _attempts[last].Next = candidate;
            last = candidate;
        }

        if (!UnitesWays)
            key.Last = last;
    }

    /// <summary>Unites the second with the first where they go on in the same way.</summary>
    private bool TryUnite(int into, int from)
    {
        if (UnitesWays)
        {
            if (!AreAlike(into, from))
                return false;
            JoinWays(into, from);
            return true;
        }

        var (a, b) = (_attempts[into].Ways, _attempts[from].Ways);
        for (; a > 0 && b > 0; (a, b) = (_ways[a].Next, _ways[b].Next))
            if (!AreAlike(a, b))
                return false;
        if (a > 0 || b > 0)
            return false;
        (a, b) = (_attempts[into].Ways, _attempts[from].Ways);
        while (b > 0)
        {
            var next = _ways[b].Next;
            JoinWays(a, b);
            (a, b) = (_ways[a].Next, next);
        }

        _attempts.Give(from);
        return true;
    }

    private void JoinWays(int into, int from)
    {
        _ways[into].Last = _store.Join(_ways[into].Last, _ways[from].Last, _timeMs, _withinMs);
        _ways.Give(from);
    }

    private bool AreAlike(int a, int b)
    {
        ref var way = ref _ways[a];
        ref var other = ref _ways[b];
        if (way.State != other.State || way.Open != other.Open || WatchedBy(a) != WatchedBy(b)
            || (_store[way.Last].IsJunction && _store[other.Last].IsJunction))
            return false;
        if ((_seesAll || _automaton.HasTimedLinks) && _store.NumberOf(way.Last) != _store.NumberOf(other.Last))
            return false;
        var references = _looksBack[way.State];
        return references.IsEmpty || Agree(way.Last, other.Last, references);
    }

    private bool Agree(int a, int b, PatternReferences references)
    {
        foreach (var value in references.Values)
            if (!value.IsSame(a, b))
                return false;
        foreach (var step in references.Steps)
            if (!_store.HaveSame(step, a, b))
                return false;
        return true;
    }

    private ulong HashOf(int candidate)
    {
        if (UnitesWays)
            return HashOfWay(candidate, 17);
        var hash = 17UL;
        for (var way = _attempts[candidate].Ways; way > 0; way = _ways[way].Next)
            hash = HashOfWay(way, hash);
        return hash;
    }

    private ulong HashOfWay(int index, ulong hash)
    {
        ref var way = ref _ways[index];
        hash = (hash ^ (uint)way.State) * 0xD6E8FEB86659FD93UL;
        hash = (hash ^ way.Open) * 0xD6E8FEB86659FD93UL;
        foreach (var value in _looksBack[way.State].Values)
            hash = (hash ^ (uint)value.HashOf(way.Last)) * 0xD6E8FEB86659FD93UL;
        return hash;
    }
}
