namespace Cep.Simulators.Logins;

/// <summary>Plans what intruders do.</summary>
internal sealed class LoginIncidents(ulong seed, User[] users, IncidentCalendar calendar, Xoshiro256 random)
{
    private const int MinuteMs = 60_000;
    private long _number;
    private List<Login> _current = [];

    public List<Login> Logins { get; } = [];

    public List<Truth> Truth { get; } = [];

    public void Plan()
    {
        for (var i = 0; i < calendar.OfEachKind; i++)
        {
            Add("brute_force", 12 * MinuteMs, BruteForce);
            Add("password_spraying", 25 * MinuteMs, Spraying);
            Add("stolen_session", 35 * MinuteMs, StolenSession);
        }
    }

    private void Add(string scenario, long lengthMs, Func<int, long, (string Field, string Key)> plan)
    {
        if (calendar.Take(lengthMs) is not var (user, from))
            return;
        _current = [];
        var (field, key) = plan(user, from);
        Logins.AddRange(_current);
        Truth.Add(new Truth(
            scenario, field, key, _current[0].TimeMs, _current[^1].TimeMs,
            [.. _current.Select(l => EventId.Text(l.Id))]));
    }

    /// <summary>Many passwords for one user, and at last the right one.</summary>
    private (string Field, string Key) BruteForce(int user, long at)
    {
        var (ip, country) = (ForeignIp(), ForeignCountry(user));
        for (var i = random.Between(12, 40); i > 0; i--)
        {
            Log(at, user, ip, country, success: false, UserAgents.Tool, 0);
            at += random.Between(2_000, 12_000);
        }

        Log(at, user, ip, country, success: true, UserAgents.Tool, random.Next());
        return ("user", LoginWriter.UserName(user));
    }

    /// <summary>One common password for many users, slowly, so that no single account is locked.</summary>
    private (string Field, string Key) Spraying(int user, long at)
    {
        var (ip, country) = (ForeignIp(), ForeignCountry(user));
        var count = random.Between(15, 40);
        var lucky = random.Chance(0.5) ? random.Below(count) : -1;
        for (var i = 0; i < count; i++)
        {
            var agent = random.Below(UserAgents.All.Length);
            Log(at, random.Below(users.Length), ip, country, i == lucky, agent, i == lucky ? random.Next() : 0);
            at += random.Between(4_000, 35_000);
        }

        return ("ip", LoginWriter.IpName(ip));
    }

    /// <summary>A session is shown from another country and another kind of device, while its owner goes on.</summary>
    private (string Field, string Key) StolenSession(int user, long at)
    {
        var session = random.Next();
        var owner = users[user];
        Log(at, user, owner.HomeIp, owner.Country, success: true, owner.Agent, session);
        at += random.Between(2 * MinuteMs, 20 * MinuteMs);
        var (ip, country) = (ForeignIp(), ForeignCountry(user));
        var agent = (owner.Agent + 3) % UserAgents.All.Length;
        for (var i = random.Between(1, 4); i > 0; i--)
        {
            Log(at, user, ip, country, success: true, agent, session);
            at += random.Between(20_000, 3 * MinuteMs);
        }

        if (random.Chance(0.6))
            Log(at, user, owner.HomeIp, owner.Country, success: true, owner.Agent, session);
        return ("session", EventId.Text(session));
    }

    private void Log(long at, int user, uint ip, byte country, bool success, int agent, ulong session) => _current.Add(
        new Login(at, EventId.OfIncident(seed, _number++), user, ip, country, success, (byte)agent, session));

    private uint ForeignIp() => 0x2D00_0000u + (uint)random.Below(0x00FF_FFFF);

    private byte ForeignCountry(int user) =>
        (byte)((users[user].Country + 1 + random.Below(User.CountryCount - 1)) % User.CountryCount);
}
