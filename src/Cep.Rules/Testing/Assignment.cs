namespace Cep.Rules.Testing;

/// <summary>
/// Assigns alerts to expectations so that as many as can be have one of their own (augmenting paths).
/// </summary>
internal static class Assignment
{
    /// <param name="expectations">How many there are.</param>
    /// <param name="alerts">How many there are.</param>
    /// <param name="fits">Whether an alert is what an expectation asks for.</param>
    /// <returns>For each expectation the index of its alert, or -1.</returns>
    public static int[] Of(int expectations, int alerts, Func<int, int, bool> fits)
    {
        var candidates = new List<int>[expectations];
        for (var e = 0; e < expectations; e++)
            candidates[e] = [.. Enumerable.Range(0, alerts).Where(a => fits(e, a))];
        var ofExpectation = new int[expectations];
        var ofAlert = new int[alerts];
        Array.Fill(ofExpectation, -1);
        Array.Fill(ofAlert, -1);
        for (var e = 0; e < expectations; e++)
            Augment(e, candidates, ofExpectation, ofAlert);
        return ofExpectation;
    }

    /// <summary>
    /// Finds the nearest free alert along a way of alternating steps, and swaps the assignments along it.
    /// </summary>
    private static void Augment(int start, List<int>[] candidates, int[] ofExpectation, int[] ofAlert)
    {
        var cameFrom = new Dictionary<int, int>();
        var queue = new Queue<int>([start]);
        while (queue.TryDequeue(out var expectation))
        {
            foreach (var alert in candidates[expectation])
            {
                if (!cameFrom.TryAdd(alert, expectation))
                    continue;
                if (ofAlert[alert] >= 0)
                {
                    queue.Enqueue(ofAlert[alert]);
                    continue;
                }

                Swap(alert, cameFrom, ofExpectation, ofAlert);
                return;
            }
        }
    }

    private static void Swap(int alert, Dictionary<int, int> cameFrom, int[] ofExpectation, int[] ofAlert)
    {
        while (alert >= 0)
        {
            var expectation = cameFrom[alert];
            var before = ofExpectation[expectation];
            ofExpectation[expectation] = alert;
            ofAlert[alert] = expectation;
            alert = before;
        }
    }
}
