namespace Cep.Simulators;

/// <summary>How busy an hour of the day is, 1 being the mean: a value for each hour, straight lines between.</summary>
internal sealed class DayRhythm
{
    private const long HourMs = 3_600_000;
    private readonly double[] _byHour;

    /// <param name="byHour">24 weights, from midnight UTC; only their proportions count.</param>
    public DayRhythm(params double[] byHour)
    {
        var mean = byHour.Sum() / byHour.Length;
        _byHour = [.. byHour.Select(w => w / mean)];
    }

    public double At(long timeMs)
    {
        var ofDay = timeMs % (24 * HourMs);
        var hour = (int)(ofDay / HourMs);
        var part = ofDay % HourMs * (1.0 / HourMs);
        return _byHour[hour] * (1 - part) + _byHour[(hour + 1) % 24] * part;
    }
}
