using System.Text;

namespace Cep.Simulators.Fraud;

/// <summary>Payments and account events as JSON.</summary>
internal sealed class PaymentWriter
{
    private readonly JsonSlab _json = new();
    private readonly byte[] _name = new byte[32];

    public SimulatedEvent Write(in Payment p)
    {
        _json.Begin();
        _json.Integer("\"ts\":"u8, p.TimeMs);
        _json.Id("\"id\":"u8, p.Id);
        _json.Text("\"card\":"u8, Name('c', p.Card, 7));
        if (p.AccountKind is { } kind)
        {
            _json.Text("\"kind\":"u8, Encoding.UTF8.GetBytes(kind));
            return new SimulatedEvent("account_events", p.TimeMs, _json.End());
        }

        _json.Decimal("\"amount\":"u8, p.Cents, 2);
        _json.Text("\"country\":"u8, p.Place.CountryUtf8);
        _json.Text("\"merchant\":"u8, Name('m', p.Merchant, 5));
        if (p.Channel == Channel.Online)
        {
            _json.Text("\"channel\":"u8, "online"u8);
            _json.Text("\"device\":"u8, Name(p.Device < 0 ? 'x' : 'd', Math.Abs(p.Device), 8));
        }
        else
        {
            // Merchants spread over a town of some twenty kilometres.
            var spread = (int)(SplitMix64.Mix((ulong)p.Merchant) >> 40);
            _json.Decimal("\"lat\":"u8, p.Place.Latitude + spread % 2000 - 1000, 4);
            _json.Decimal("\"lon\":"u8, p.Place.Longitude + (spread >> 12) % 2000 - 1000, 4);
            _json.Text("\"channel\":"u8, p.Channel == Channel.Pos ? "pos"u8 : "atm"u8);
        }

        return new SimulatedEvent("payments", p.TimeMs, _json.End());
    }

    public static string CardName(int card) =>
        "c" + card.ToString("D7", System.Globalization.CultureInfo.InvariantCulture);

    private ReadOnlySpan<byte> Name(char prefix, int number, int digits)
    {
        _name[0] = (byte)prefix;
        for (var i = digits; i >= 1; i--)
        {
            _name[i] = (byte)('0' + number % 10);
            number /= 10;
        }

        return _name.AsSpan(0, digits + 1);
    }
}
