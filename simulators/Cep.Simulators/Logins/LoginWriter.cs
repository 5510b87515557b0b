using System.Globalization;
using System.Text;

namespace Cep.Simulators.Logins;

/// <summary>Log-ins as JSON.</summary>
internal sealed class LoginWriter
{
    private static readonly byte[][] Countries =
        [.. Enumerable.Range(0, User.CountryCount).Select(c => Encoding.UTF8.GetBytes(User.CountryName(c)))];

    private static readonly byte[][] Agents = [.. UserAgents.All.Select(Encoding.UTF8.GetBytes)];
    private readonly JsonSlab _json = new();
    private readonly byte[] _text = new byte[16];

    public SimulatedEvent Write(in Login login)
    {
        _json.Begin();
        _json.Integer("\"ts\":"u8, login.TimeMs);
        _json.Id("\"id\":"u8, login.Id);
        _json.Text("\"user\":"u8, UserUtf8(login.User));
        _json.Text("\"ip\":"u8, IpUtf8(login.Ip));
        _json.Text("\"country\":"u8, Countries[login.Country]);
        _json.Bool("\"success\":"u8, login.Success);
        _json.Text("\"agent\":"u8, Agents[login.Agent]);
        if (login.Session != 0)
            _json.Id("\"session\":"u8, login.Session);
        return new SimulatedEvent("logins", login.TimeMs, _json.End());
    }

    public static string UserName(int user) => "u" + user.ToString("D6", CultureInfo.InvariantCulture);

    public static string IpName(uint ip) =>
        string.Create(CultureInfo.InvariantCulture, $"{ip >> 24}.{ip >> 16 & 255}.{ip >> 8 & 255}.{ip & 255}");

    private ReadOnlySpan<byte> UserUtf8(int user)
    {
        _text[0] = (byte)'u';
        for (var i = 6; i >= 1; i--, user /= 10)
            _text[i] = (byte)('0' + user % 10);
        return _text.AsSpan(0, 7);
    }

    private ReadOnlySpan<byte> IpUtf8(uint ip)
    {
        var at = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            var part = ip >> shift & 255;
            if (part >= 100)
                _text[at++] = (byte)('0' + part / 100);
            if (part >= 10)
                _text[at++] = (byte)('0' + part / 10 % 10);
            _text[at++] = (byte)('0' + part % 10);
            if (shift > 0)
                _text[at++] = (byte)'.';
        }

        return _text.AsSpan(0, at);
    }
}
