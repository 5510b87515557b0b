namespace Cep.Simulators.Fraud;

/// <summary>Plans what thieves do.</summary>
internal sealed class FraudIncidents(ulong seed, Card[] cards, IncidentCalendar calendar, Xoshiro256 random)
{
    private const int MinuteMs = 60_000;
    private long _number;
    private List<Payment> _current = [];

    public List<Payment> Payments { get; } = [];

    public List<Truth> Truth { get; } = [];

    public void Plan()
    {
        for (var i = 0; i < calendar.OfEachKind; i++)
        {
            Add("card_testing", 16 * MinuteMs, CardTesting);
            Add("velocity", 6 * MinuteMs, Velocity);
            Add("impossible_travel", 45 * MinuteMs, ImpossibleTravel);
            Add("account_takeover", 40 * MinuteMs, AccountTakeOver);
        }
    }

    private void Add(string scenario, long lengthMs, Action<int, long> plan)
    {
        if (calendar.Take(lengthMs) is not var (card, from))
            return;
        _current = [];
        plan(card, from);
        Payments.AddRange(_current);
        Truth.Add(new Truth(
            scenario, "card", PaymentWriter.CardName(card), _current[0].TimeMs, _current[^1].TimeMs,
            [.. _current.Select(p => EventId.Text(p.Id))]));
    }

    /// <summary>Is the stolen number good? A few tiny payments tell; then comes the real one.</summary>
    private void CardTesting(int card, long at)
    {
        var device = -random.Below(10_000_000) - 1;
        for (var i = random.Between(3, 6); i > 0; i--)
        {
            Pay(at, card, random.Between(50, 299), AnyPlace(), Channel.Online, device);
            at += random.Between(15_000, 80_000);
        }

        at += random.Between(MinuteMs, 7 * MinuteMs);
        Pay(at, card, random.Between(60_000, 250_000), AnyPlace(), Channel.Online, device);
    }

    private void Velocity(int card, long at)
    {
        var device = -random.Below(10_000_000) - 1;
        var place = AnyPlace();
        for (var i = random.Between(8, 20); i > 0; i--)
        {
            Pay(at, card, random.Between(2_000, 30_000), place, Channel.Online, device);
            at += random.Between(3_000, 16_000);
        }
    }

    private void ImpossibleTravel(int card, long at)
    {
        var home = cards[card].Home;
        Pay(at, card, (int)random.LogNormal(cards[card].MedianCents, 0.6), home, Channel.Pos, 0);
        var far = AnyPlace();
        while (far.Continent == home.Continent)
            far = AnyPlace();
        for (var i = random.Between(1, 3); i > 0; i--)
        {
            at += random.Between(5 * MinuteMs, 13 * MinuteMs);
            var channel = random.Chance(0.4) ? Channel.Atm : Channel.Pos;
            Pay(at, card, random.Between(100, 900) * 100, far, channel, 0);
        }
    }

    private void AccountTakeOver(int card, long at)
    {
        var device = -random.Below(10_000_000) - 1;
        Change(at, card, "password_change");
        at += random.Between(20_000, 4 * MinuteMs);
        Change(at, card, "new_device");
        if (random.Chance(0.4))
        {
            at += random.Between(30_000, 3 * MinuteMs);
            Change(at, card, "address_change");
        }

        for (var i = random.Between(2, 4); i > 0; i--)
        {
            at += random.Between(MinuteMs, 8 * MinuteMs);
            Pay(at, card, random.Between(30_000, 200_000), AnyPlace(), Channel.Online, device);
        }
    }

    private void Pay(long at, int card, int cents, City place, Channel channel, int device) =>
        _current.Add(new Payment(at, NextId(), card, cents, place, random.Below(20_000), channel, device));

    private void Change(long at, int card, string kind) =>
        _current.Add(new Payment(at, NextId(), card, 0, cards[card].Home, 0, default, 0) { AccountKind = kind });

    private ulong NextId() => EventId.OfIncident(seed, _number++);

    private City AnyPlace() => City.All[random.Below(City.FirstBorderTown)];
}
