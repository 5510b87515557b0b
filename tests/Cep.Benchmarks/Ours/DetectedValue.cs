using Cep.Detection;
using Cep.Expressions.Evaluation;

namespace Cep.Benchmarks.Ours;

/// <summary>Values of a detection, without boxing.</summary>
internal static class DetectedValue
{
    private const int Amount = 2;

    /// <summary>The amount of an event that the detection rests on.</summary>
    public static double AmountOf(Detected detected, int evidence)
    {
        var (_, batch, row) = detected.Evidence[evidence];
        return batch.Columns[Amount].Doubles[row];
    }

    /// <summary>All its named values, added up.</summary>
    public static double SumOfFields(HostedRule rule, Detected detected)
    {
        var sum = 0.0;
        foreach (var field in rule.Evals.Fields)
        {
            if (field.Value is Eval<double> number && number.TryGet(detected.Frame, out var real))
                sum += real;
            else if (field.Value is Eval<long> integer && integer.TryGet(detected.Frame, out var whole))
                sum += whole;
        }

        return sum;
    }
}
