using System.Diagnostics;

namespace Cep.Storage.Tests.Keeping;

/// <summary>Waits for a condition, with a limit.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); await Task.Delay(5))
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), "it does not come about");
    }
}
