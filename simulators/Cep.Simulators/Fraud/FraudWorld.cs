namespace Cep.Simulators.Fraud;

/// <summary>
/// Card payments and what happens to the accounts. Ordinary life has much that looks like fraud: small amounts in shops
/// and games, shopping sprees, foreign shops on line, commuters across a border, people who forgot a password.
/// </summary>
internal sealed class FraudWorld : World
{
    private const int MinuteMs = 60_000;
    private readonly Card[] _cards;
    private readonly List<Payment> _incidents;
    private readonly double _rate;

    private readonly DayRhythm _rhythm = new(
        0.25, 0.15, 0.1, 0.1, 0.15, 0.35, 0.8, 1.2, 1.3, 1.3, 1.4, 1.7,
        1.7, 1.4, 1.3, 1.4, 1.7, 1.9, 1.7, 1.3, 1.0, 0.8, 0.6, 0.4);

    public FraudWorld(ulong seed, SimulationOptions options)
        : base(seed, options, TimeSpan.Zero)
    {
        _rate = options.Rate ?? 50;
        _cards = new Card[options.Keys ?? 100_000];
        var lives = Random(1);
        for (var i = 0; i < _cards.Length; i++)
            _cards[i] = new Card(lives);
        var random = Random(2);
        var incidents = new FraudIncidents(Seed, _cards, new IncidentCalendar(options, _cards.Length, random), random);
        incidents.Plan();
        _incidents = incidents.Payments;
        Tell(incidents.Truth);
    }

    protected override IEnumerable<SimulatedEvent> InTimeOrder()
    {
        var random = Random(3);
        var writer = new PaymentWriter();
        var planned = new PriorityQueue<Payment, (long, ulong)>();
        foreach (var p in _incidents)
            planned.Enqueue(p, (p.TimeMs, p.Id));
        long number = 0;
        double at = Options.StartMs;
        while (true)
        {
            at += random.Exponential() * 1000 / (_rate * _rhythm.At((long)at));
            while (planned.TryPeek(out var due, out _) && due.TimeMs <= Math.Min(at, Options.EndMs - 1))
                yield return writer.Write(planned.Dequeue());
            if (at >= Options.EndMs)
                yield break;
            var payment = Ordinary((long)at, random, planned, ref number);
            yield return writer.Write(payment);
        }
    }

    private Payment Ordinary(long at, Xoshiro256 random, PriorityQueue<Payment, (long, ulong)> planned, ref long number)
    {
        var active = random.Unit();
        var card = (int)(_cards.Length * active * (0.5 + 0.5 * active));    // some pay twice as often as the mean
        ref readonly var holder = ref _cards[card];
        var id = EventId.Ordinary(Seed, number++);
        var kind = random.Unit();
        if (kind < 0.004)
        {
            Series(at, card, random, planned, ref number);
        }
        else if (kind < 0.01)
        {
            var change = kind < 0.006 ? "password_change" : kind < 0.008 ? "new_device" : "address_change";
            return new Payment(at, id, card, 0, holder.Home, 0, default, 0) { AccountKind = change };
        }

        var place = random.Chance(0.5) ? holder.Work : holder.Home;
        var merchant = random.Below(20_000);
        if (kind < 0.62)
            return new Payment(at, id, card, Spend(holder, random), place, merchant, Channel.Pos, 0);
        if (kind < 0.72)
            return new Payment(at, id, card, random.Between(80, 490), place, merchant, Channel.Pos, 0);
        if (kind < 0.76)
            return new Payment(at, id, card, random.Between(1, 20) * 2_000, place, merchant, Channel.Atm, 0);
        var cents = kind > 0.99 ? random.Between(50_000, 300_000) : Spend(holder, random);
        var shop = random.Chance(0.7) ? holder.Home : City.All[random.Below(City.FirstBorderTown)];
        return new Payment(at, id, card, cents, shop, merchant, Channel.Online, card * 2 + random.Below(2));
    }

    /// <summary>An evening of small purchases in a game, or an afternoon in the shops.</summary>
    private void Series(
        long at, int card, Xoshiro256 random, PriorityQueue<Payment, (long, ulong)> planned, ref long number)
    {
        ref readonly var holder = ref _cards[card];
        var merchant = random.Below(20_000);
        for (var i = random.Between(3, 7); i > 0; i--)
        {
            at += holder.Gamer ? random.Between(20_000, 3 * MinuteMs) : random.Between(2 * MinuteMs, 9 * MinuteMs);
            var id = EventId.Ordinary(Seed, number++);
            var place = holder.Home;
            var payment = holder.Gamer
                ? new Payment(at, id, card, random.Between(1, 4) * 100 + 99, place, merchant, Channel.Online, card * 2)
                : new Payment(at, id, card, Spend(holder, random), place, random.Below(20_000), Channel.Pos, 0);
            planned.Enqueue(payment, (at, id));
        }
    }

    private static int Spend(in Card holder, Xoshiro256 random) =>
        Math.Max(50, (int)random.LogNormal(holder.MedianCents, 0.8));
}
