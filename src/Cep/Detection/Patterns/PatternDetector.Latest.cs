using System.Numerics;
using Cep.Plans;

namespace Cep.Detection.Patterns;

internal sealed partial class PatternDetector
{
    private int[] _byState = [];

    /// <summary>
    /// <c>matches: latest</c>: of each state only the newest partial match is kept, as an attempt with one way; the
    /// states are looked at from the last to the first, so that an event moves no match twice.
    /// </summary>
    private void AdvanceLatest(ref KeyState key)
    {
        if (_byState.Length == 0)
            _byState = new int[_states.Length];
        Array.Clear(_byState);
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
            _byState[_ways[_attempts[attempt].Ways].State] = attempt;
        for (var state = _states.Length - 1; state > 0; state--)
            if (_byState[state] > 0)
                AdvanceLatest(state);
        if (_done.Count == 0 || _plan.AfterMatch.Kind == AfterMatchKind.NoSkip)
            PlaceLatest(BeginAttempt());
        RelinkLatest(ref key);
    }

    private void AdvanceLatest(int state)
    {
        var attempt = _byState[state];
        var index = _attempts[attempt].Ways;
        var way = _ways[index];
        _byState[state] = 0;
        if (IsOver(attempt) && !OutlastsWithin)
        {
            Remove(attempt);
            return;
        }

        Judge(way, WatchedBy(index), _states[state].Options, IsOver(attempt));
        var (takes, stays) = (_takes, _stays);
        (_head, _tail, _isDecided, _offered) = (0, 0, false, 0);
        if (takes != 0)
        {
            var child = _attempts.Take();
            _attempts[child] = _attempts[attempt] with { Ways = 0, Next = 0 };
            if (_remembers)
                SetNotBefore(child, _notBeforeMs[attempt]);
            Follow(child, way, _states[state].Options[BitOperations.TrailingZeroCount(takes)]);
            _attempts[child].Ways = _head;
            PlaceLatest(child);
        }

        if (stays == 0)
        {
            Remove(attempt);
            return;
        }

        _ways[index].Open = stays;
        _byState[state] = attempt;
    }

    /// <summary>Puts an attempt in the place of the one that reached its state before.</summary>
    private void PlaceLatest(int attempt)
    {
        if (attempt == 0)
            return;
        for (var i = 0; i < _done.Count; i++)
            if (_done[i].Attempt == attempt)
                _done[i] = _done[i] with { Attempt = 0 };
        if (_attempts[attempt].Ways == 0)
        {
            _attempts.Give(attempt);
            return;
        }

        ref var place = ref _byState[_ways[_attempts[attempt].Ways].State];
        if (place > 0)
            Remove(place);
        place = attempt;
    }

    private void RelinkLatest(ref KeyState key)
    {
        (key.First, key.Wanted) = (0, uint.MaxValue);
        foreach (var attempt in _byState)
        {
            if (attempt == 0)
                continue;
            _attempts[attempt].Next = key.First;
            key.First = attempt;
        }
    }
}
