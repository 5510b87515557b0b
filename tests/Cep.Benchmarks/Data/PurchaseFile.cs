using System.Globalization;
using System.Text;

namespace Cep.Benchmarks.Data;

internal static class PurchaseFile
{
    public static void Write(string path, Purchase[] events)
    {
        using var writer = new StreamWriter(path, false, new UTF8Encoding(false), 1 << 20) { NewLine = "\n" };
        foreach (var e in events)
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"ts\":{e.Ts},\"card\":\"{e.Card}\",\"amount\":{e.Amount:0.00},\"merchant\":\"{e.Merchant}\"," +
                $"\"country\":\"{e.Country}\",\"kind\":\"{e.Kind}\"}}"));
    }
}
