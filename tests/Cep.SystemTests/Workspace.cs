namespace Cep.SystemTests;

/// <summary>A folder of its own for a test's files.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cep-test-").FullName;

    public const string Streams =
        """
        streams:
          payments:
            time: ts
            fields: {ts: timestamp, card: string, amount: number}

        """;

    public const string LargeRule =
        """
        rules:
          - rule: large
            on: payments
            by: card
            severity: high
            when: amount > 100
            alert: {message: "{card}: {amount}"}

        """;

    public string this[string name] => Path.Combine(_folder, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>A stream, a rule for amounts above 100, and the path of their file.</summary>
    public string WriteRules() => Write("rules.yaml", Streams + LargeRule);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
