namespace Cep.Tests.Laws;

/// <summary>Counts what became of the events of a case without an engine.</summary>
internal static class LedgerCount
{
    public static string? Fault(LawCase test, Ledger ledger)
    {
        if (!ledger.Balances)
            return $"The ledger does not balance:\n{Text(ledger)}";
        var events = ledger.Streams.Single(s => s.Stream == "events");
        var late = Late(test);
        var rejected = test.Inputs.Count(i => i.Kind == LawInputKind.Rejected);
        var valid = test.Inputs.Count(i => i.Kind == LawInputKind.Event);
        var least = valid - late.Count;
        if (events.Received != valid + rejected || events.Rejected != rejected || events.Processed < least)
            return $"{valid} events, {rejected} rejected, {late.Count} late, but {events}";
        if (!test.Rules.Any(r => r.TakesLate) && events.Late != late.Count)
            return $"{late.Count} late, but {events}";
        return test.Rules.Select(r => Fault(test, r, late, ledger.Rules.Single(l => l.Rule == r.Id)))
            .FirstOrDefault(f => f is not null);
    }

    private static string? Fault(LawCase test, LawRule rule, HashSet<LawInput> late, RuleLedger found)
    {
        var events = test.Inputs.Where(i => i.Kind == LawInputKind.Event).ToList();
        var passed = events.Where(rule.Where).ToList();
        var open = passed.Where(e => !rule.Except(e)).ToList();
        var tooLate = open.Count(late.Contains);
        var right = found.Seen == events.Count && found.Filtered == events.Count - passed.Count
            && found.Excepted == passed.Count - open.Count
            && (rule.TakesLate ? found.Late <= tooLate : found.Late == tooLate);
        return right
            ? null
            : $"{events.Count} seen, {events.Count - passed.Count} filtered, {passed.Count - open.Count} excepted, " +
              $"{tooLate} late, but {found}";
    }

    /// <summary>The events below the watermark when they come.</summary>
    private static HashSet<LawInput> Late(LawCase test)
    {
        var late = new HashSet<LawInput>(ReferenceEqualityComparer.Instance);
        var watermark = long.MinValue;
        foreach (var input in test.Inputs)
        {
            if (input.Kind == LawInputKind.Event && input.TimeMs < watermark)
                late.Add(input);
            else if (input.Kind == LawInputKind.Event)
                watermark = Math.Max(watermark, input.TimeMs - test.OutOfOrderMs);
            else if (input.Kind == LawInputKind.Advance)
                watermark = Math.Max(watermark, input.TimeMs);
        }

        return late;
    }

    private static string Text(Ledger ledger) =>
        string.Join('\n', ledger.Streams.Select(s => s.ToString()).Concat(ledger.Rules.Select(r => r.ToString())));
}
