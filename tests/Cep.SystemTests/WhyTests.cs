namespace Cep.SystemTests;

public sealed class WhyTests : IDisposable
{
    private const string Rules =
        """
        streams:
          payments:
            time: ts
            fields: {ts: timestamp, card: string, amount: number}
          logins: {time: ts, fields: {ts: timestamp, card: string, ok: bool}}
        rules:
          - rule: testing
            on: payments
            by: card
            pattern: small{3} -> large
            define: {small: amount < 5, large: amount > 10 * avg(small.amount)}
            within: 10m
            alert: {message: "{card}: {large.amount}"}
          - rule: absent
            on: payments
            by: card
            pattern: small -> !large
            define: {small: amount < 5 and count() over 5m < 9, large: amount > 100}
            within: 10m
            alert: {message: "{card}"}
          - rule: two
            on: payments
            by: card
            pattern: bad ->[1m] pay
            define: {bad: {on: logins, where: not ok}, pay: amount > 100 and card == 'c2'}
            within: 10m
            alert: {message: "{card}"}
          - rule: steady
            on: payments
            by: card
            when: amount > 10 and amount > 2 * max(amount) over prior 1h
            for: 1m
          - rule: sum
            on: payments
            by: card
            window: tumbling 5m
            select: {total: sum(amount), n: count()}
            when: total > 100 and n > 3
          - rule: quiet
            on: payments
            by: card
            silent: 20m

        """;

    private const string Payments =
        """
        {"ts":"2026-01-01T00:00:00Z","card":"c1","amount":1}
        {"ts":"2026-01-01T00:00:10Z","card":"c1","amount":2}
        {"ts":"2026-01-01T00:00:20Z","card":"c1","amount":3}
        {"ts":"2026-01-01T00:00:25Z","card":"c2","amount":1}
        {"ts":"2026-01-01T00:05:00Z","card":"c1","amount":15}
        {"ts":"2026-01-01T00:06:00Z","card":"c2","amount":2}
        {"ts":"2026-01-01T00:07:00Z","card":"c2","amount":3}
        {"ts":"2026-01-01T00:08:00Z","card":"c2","amount":400}
        {"ts":"2026-01-01T00:08:30Z","card":"c3","amount":4}
        {"ts":"2026-01-01T00:10:12Z","card":"c1","amount":500}
        {"ts":"2026-01-01T00:10:30Z","card":"c3","amount":300}

        """;

    private const string Logins =
        """
        {"ts":"2026-01-01T00:10:00Z","card":"c1","ok":false}
        {"ts":"2026-01-01T00:10:01Z","card":"c3","ok":true}

        """;

    private readonly Workspace _files = new();

    [Theory]
    [InlineData("testing", "c1", null, """
        fired     no
        pattern   small{3} -> large
        within    10m
        furthest  small: 2026-01-01T00:00:00.000Z {"ts":"2026-01-01T00:00:00.000Z","card":"c1","amount":1}
                  small: 2026-01-01T00:00:10.000Z {"ts":"2026-01-01T00:00:10.000Z","card":"c1","amount":2}
                  small: 2026-01-01T00:00:20.000Z {"ts":"2026-01-01T00:00:20.000Z","card":"c1","amount":3}
        waiting   for -> large
        late      large came at 2026-01-01T00:10:12.000Z {"ts":"2026-01-01T00:10:12.000Z","card":"c1","amount":500}
                  expired 12s earlier; `within: 10m12s` would have fired

        """)]
    [InlineData("testing", "c1", "2026-01-01T00:09:00Z", """
        fired     no up to 2026-01-01T00:09:00.000Z
        pattern   small{3} -> large
        within    10m
        furthest  small: 2026-01-01T00:00:00.000Z {"ts":"2026-01-01T00:00:00.000Z","card":"c1","amount":1}
                  small: 2026-01-01T00:00:10.000Z {"ts":"2026-01-01T00:00:10.000Z","card":"c1","amount":2}
                  small: 2026-01-01T00:00:20.000Z {"ts":"2026-01-01T00:00:20.000Z","card":"c1","amount":3}
        waiting   for -> large
        nearest   2026-01-01T00:05:00.000Z {"ts":"2026-01-01T00:05:00.000Z","card":"c1","amount":15}, of 1 tried
                  fails  (amount > (10 * avg(small.amount)))   [amount = 15, avg(small.amount) = 2]
        expires   2026-01-01T00:10:00.000Z

        """)]
    [InlineData("testing", "c2", null, """
        fired     2026-01-01T00:08:00.000Z: c2: 400
        pattern   small{3} -> large
        within    10m
        taken     small: 2026-01-01T00:00:25.000Z {"ts":"2026-01-01T00:00:25.000Z","card":"c2","amount":1}
        taken     small: 2026-01-01T00:06:00.000Z {"ts":"2026-01-01T00:06:00.000Z","card":"c2","amount":2}
        taken     small: 2026-01-01T00:07:00.000Z {"ts":"2026-01-01T00:07:00.000Z","card":"c2","amount":3}
        taken     large: 2026-01-01T00:08:00.000Z {"ts":"2026-01-01T00:08:00.000Z","card":"c2","amount":400}

        """)]
    [InlineData("testing", "c9", null, """
        fired     no
        because   no event of this key passed the rule's filters

        """)]
    public Task Why_OfASequence_TellsHowFarItCame(string rule, string key, string? at, string expected) =>
        Tells(rule, key, at, expected);

    [Theory]
    [InlineData("absent", "c3", null, """
        fired     no
        pattern   small -> !large
        within    10m
        furthest  small: 2026-01-01T00:08:30.000Z {"ts":"2026-01-01T00:08:30.000Z","card":"c3","amount":4}
        waiting   for time to pass with no large
        ended     by large: 2026-01-01T00:10:30.000Z {"ts":"2026-01-01T00:10:30.000Z","card":"c3","amount":300}

        """)]
    [InlineData("absent", "c1", "2026-01-01T00:00:20Z", """
        fired     no up to 2026-01-01T00:00:20.000Z
        pattern   small -> !large
        within    10m
        furthest  small: 2026-01-01T00:00:20.000Z {"ts":"2026-01-01T00:00:20.000Z","card":"c1","amount":3}
        waiting   for time to pass with no large
        due       2026-01-01T00:10:20.000Z

        """)]
    [InlineData("two", "c1", null, """
        fired     no
        pattern   bad ->[1m] pay
        within    10m
        furthest  bad: 2026-01-01T00:10:00.000Z {"ts":"2026-01-01T00:10:00.000Z","card":"c1","ok":false}
        waiting   for ->[1m] pay
        nearest   2026-01-01T00:10:12.000Z {"ts":"2026-01-01T00:10:12.000Z","card":"c1","amount":500}, of 1 tried
                  holds  (amount > 100)   [amount = 500]
                  fails  (card == 'c2')   [card = 'c1']
        expires   2026-01-01T00:11:00.000Z

        """)]
    [InlineData("two", "c3", null, """
        fired     no
        pattern   bad ->[1m] pay
        within    10m
        furthest  no partial match: no event fits the first step
        waiting   for bad
        nearest   2026-01-01T00:10:01.000Z {"ts":"2026-01-01T00:10:01.000Z","card":"c3","ok":true}, of 1 tried
                  fails  not ok   [ok = true]

        """)]
    public Task Why_OfAbsenceAndSeveralStreams_TellsWhatEndedIt(string rule, string key, string? at, string expected) =>
        Tells(rule, key, at, expected);

    [Theory]
    [InlineData("steady", "c1", "2026-01-01T00:05:30Z", """
        fired     no up to 2026-01-01T00:05:30.000Z
        event     2026-01-01T00:05:00.000Z {"ts":"2026-01-01T00:05:00.000Z","card":"c1","amount":15}
        when      holds  (amount > 10)   [amount = 15]
                  holds  (amount > (2 * max(amount) over prior 1h))   [amount = 15, max(amount) over prior 1h = 3]
        for       1m; it has held for 30s, since 2026-01-01T00:05:00.000Z

        """)]
    [InlineData("sum", "c1", "2026-01-01T00:05:00Z", """
        fired     no up to 2026-01-01T00:05:00.000Z
        window    2026-01-01T00:00:00.000Z to 2026-01-01T00:05:00.000Z
        when      fails  (total > 100)   [total = 6]
                  fails  (n > 3)   [n = 3]

        """)]
    [InlineData("quiet", "c1", "2026-01-01T00:09:00Z", """
        fired     no up to 2026-01-01T00:09:00.000Z
        silent    20m
        longest   4m40s without an event, from 2026-01-01T00:00:20.000Z to 2026-01-01T00:05:00.000Z
        last      2026-01-01T00:05:00.000Z {"ts":"2026-01-01T00:05:00.000Z","card":"c1","amount":15}
                  4m before the time asked for

        """)]
    public Task Why_OfOtherRules_ShowsTheValuesOfTheCondition(string rule, string key, string? at, string expected) =>
        Tells(rule, key, at, expected);

    [Fact]
    public async Task Why_OfNoRule_CouldNotRun()
    {
        var rules = _files.Write("rules.yaml", Rules);
        var result = await CepProgram.RunAsync("why", "none", "--rules", rules, "--input", "payments=none.ndjson");
        Assert.Equal(2, result.ExitCode);
    }

    public void Dispose() => _files.Dispose();

    private async Task Tells(string rule, string key, string? at, string expected)
    {
        var result = await CepProgram.RunAsync(
        [
            "why", rule, "--key", key, "--rules", _files.Write("rules.yaml", Rules),
            "--input", $"payments={_files.Write("payments.ndjson", Payments)}",
            $"logins={_files.Write("logins.ndjson", Logins)}", .. at is null ? Array.Empty<string>() : ["--at", at],
        ]);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"rule      {rule}\nkey       {key}\n{expected}", result.Output);
    }
}
