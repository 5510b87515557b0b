using Cep.Expressions;

namespace Cep.Plans;

/// <summary>Which fields of a stream are needed, so that decoders can skip the others.</summary>
internal static class PlanFields
{
    /// <summary>For each field whether it is read. Rules whose alerts show events as evidence need all.</summary>
    public static bool[] Read(EnginePlan plan, StreamPlan stream)
    {
        var read = new bool[stream.Schema.Fields.Length];
        if (stream.Schema.TimeField >= 0)
            read[stream.Schema.TimeField] = true;
        foreach (var rule in plan.Rules.Where(r => r.Mode != RuleMode.Off))
        {
            var input = rule.Inputs.AsSpan().IndexOf(stream.Schema.Name);
            if (input < 0)
                continue;
            if (rule.Detector is not WindowPlan window || stream.LateTo is not null)
            {
                Array.Fill(read, true);
                return read;
            }

            var exprs = window.Select.Select(s => s.Value).Concat(rule.By[input].Select(b => b.Value))
                .Concat(rule.Let.Select(l => l.Value)).Concat(rule.Except.Select(e => e.Condition));
            if (rule.Where is { } where)
                exprs = exprs.Append(where);
            foreach (var field in exprs.SelectMany(ExprWalker.SelfAndParts).OfType<FieldExpr>())
                read[field.Field] = true;
        }

        return read;
    }
}
