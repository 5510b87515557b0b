using System.Collections.Concurrent;
using Cep.Alerts;
using Cep.Connectors;

namespace Cep.Storage.Tests.Keeping;

/// <summary>Remembers what it was sent, across crashes; refuses some alerts at first where it is told to.</summary>
internal sealed class RecordingSink(string name) : ISink
{
    public string Name => name;

    /// <summary>By id all bodies that came; more than one means that something is wrong.</summary>
    public ConcurrentDictionary<string, ConcurrentDictionary<string, int>> Sent { get; } = new();

    /// <summary>The ids of alerts that are refused for good.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>Waits for this before it takes anything.</summary>
    public Task Open { get; set; } = Task.CompletedTask;

    public async Task SendAsync(Alert alert, CancellationToken stop)
    {
        await Open.WaitAsync(stop);
        lock (Refused)
            if (Refused.Contains(alert.Id))
                throw new DeliveryException("refused");
        Sent.GetOrAdd(alert.Id, _ => new()).AddOrUpdate(CrashRules.Json(alert), 1, (_, n) => n + 1);
    }
}
