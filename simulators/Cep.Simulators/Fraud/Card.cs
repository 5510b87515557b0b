namespace Cep.Simulators.Fraud;

/// <summary>How the holder of a card lives and spends.</summary>
internal readonly struct Card
{
    public readonly City Home;

    /// <summary>Where else the card is used in person: across the border for commuters, else home itself.</summary>
    public readonly City Work;
    public readonly int MedianCents;

    /// <summary>Buys many small things on line: harmless, and what a naive rule against card testing reports.</summary>
    public readonly bool Gamer;

    public Card(Xoshiro256 random)
    {
        var skewed = random.Unit();
        var home = (int)(City.All.Length * skewed * skewed);
        var away = random.Unit();
        Home = City.All[home];
        if (away < 0.03)
            Home = City.All[random.Below(City.FirstBorderTown)];     // on a journey, for days
        Work = home >= City.FirstBorderTown && away > 0.5 ? City.Neighbour(home) : Home;
        MedianCents = (int)random.LogNormal(2200, 0.5);
        Gamer = random.Chance(0.03);
    }
}
