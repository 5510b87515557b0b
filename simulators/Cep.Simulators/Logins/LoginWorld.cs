namespace Cep.Simulators.Logins;

/// <summary>
/// Log-ins and the later use of their sessions. People mistype and forget passwords, share an office's address, change
/// from desk to telephone, and travel.
/// </summary>
internal sealed class LoginWorld : World
{
    private readonly User[] _users;
    private readonly List<Login> _incidents;
    private readonly double _rate;

    private readonly DayRhythm _rhythm = new(
        0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1.2, 2.4, 2.6, 1.9, 1.5, 1.2,
        1.3, 1.6, 1.4, 1.2, 1.1, 1.0, 1.0, 1.0, 0.9, 0.8, 0.6, 0.4);

    public LoginWorld(ulong seed, SimulationOptions options)
        : base(seed, options, TimeSpan.Zero)
    {
        _rate = options.Rate ?? 20;
        _users = new User[options.Keys ?? 50_000];
        var lives = Random(1);
        for (var i = 0; i < _users.Length; i++)
            _users[i] = new User(lives);
        var random = Random(2);
        var incidents = new LoginIncidents(Seed, _users, new IncidentCalendar(options, _users.Length, random), random);
        incidents.Plan();
        _incidents = incidents.Logins;
        Tell(incidents.Truth);
    }

    protected override IEnumerable<SimulatedEvent> InTimeOrder()
    {
        var random = Random(3);
        var writer = new LoginWriter();
        var sessions = new ulong[_users.Length];
        var planned = new PriorityQueue<Login, (long, ulong)>();
        foreach (var login in _incidents)
            planned.Enqueue(login, (login.TimeMs, login.Id));
        long number = 0;
        double at = Options.StartMs;
        while (true)
        {
            at += random.Exponential() * 1000 / (_rate * _rhythm.At((long)at));
            while (planned.TryPeek(out var due, out _) && due.TimeMs <= Math.Min(at, Options.EndMs - 1))
                yield return writer.Write(planned.Dequeue());
            if (at >= Options.EndMs)
                yield break;
            yield return writer.Write(Ordinary((long)at, sessions, random, planned, ref number));
        }
    }

    private Login Ordinary(
        long at, ulong[] sessions, Xoshiro256 random, PriorityQueue<Login, (long, ulong)> planned, ref long number)
    {
        var user = random.Below(_users.Length);
        ref readonly var person = ref _users[user];
        var ip = random.Chance(0.7) ? person.WorkIp : person.HomeIp;
        var country = person.Traveller ? (byte)((person.Country + 1) % User.CountryCount) : person.Country;
        var id = EventId.Ordinary(Seed, number++);
        if (person.Script)
            return new Login(at, id, user, person.WorkIp, country, false, (byte)UserAgents.Tool, 0);
        if (sessions[user] != 0 && random.Chance(0.4))
            return new Login(at, id, user, ip, country, true, person.Agent, sessions[user]);

        // Most get it right at once, some mistype, a few have forgotten it and try whatever comes to mind.
        var luck = random.Unit();
        var failures = luck < 0.005 ? random.Between(4, 7) : luck < 0.08 ? random.Between(1, 2) : 0;
        sessions[user] = random.Next();
        if (failures == 0)
            return new Login(at, id, user, ip, country, true, person.Agent, sessions[user]);
        var later = at;
        for (var i = failures; i > 0; i--)
        {
            later += random.Between(4_000, 25_000);
            var retry = EventId.Ordinary(Seed, number++);
            var success = i == 1;
            var session = success ? sessions[user] : 0;
            planned.Enqueue(
                new Login(later, retry, user, ip, country, success, person.Agent, session), (later, retry));
        }

        return new Login(at, id, user, ip, country, false, person.Agent, 0);
    }
}
