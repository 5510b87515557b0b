namespace Cep.Detection.Patterns;

/// <summary>
/// Finds the ways on from a place of a pattern to the next event (or the end), in order of preference.
/// </summary>
internal sealed class PatternClosure
{
    private readonly HashSet<string> _seen = [];
    private readonly Dictionary<object, int> _numbers = [];
    private readonly bool _isStart;

    public PatternClosure(PatternGraph.Node from, bool isStart)
    {
        _isStart = isStart;
        Visit(from, new Way(null, [], [], [], []));
    }

    /// <param name="Take">The event to take; null: the match is complete.</param>
    /// <param name="Negations">What is passed on the way.</param>
    /// <param name="Entered">The possessive loops of which this is a round.</param>
    /// <param name="Left">The possessive loops that are left.</param>
    /// <param name="Chosen">The choices that were passed, so that a round is known to have begun here.</param>
    internal sealed record Way(
        PatternGraph.TakeNode? Take, Negation[] Negations, HashSet<PatternGraph.ChoiceNode> Entered,
            HashSet<PatternGraph.ChoiceNode> Left,
        HashSet<PatternGraph.ChoiceNode> Chosen);

    public List<Way> Ways { get; } = [];

    private void Visit(PatternGraph.Node node, Way way)
    {
        // the same place by the same way again is less preferred or a round without an event
        if (!_seen.Add($"{Number(node)}|{Numbers(way.Negations)}|{Numbers(way.Left)}|{Numbers(way.Chosen)}"))
            return;
        switch (node)
        {
            case PatternGraph.TakeNode take:
                Ways.Add(way with { Take = take });
                break;
            case PatternGraph.AcceptNode when !_isStart:
                Ways.Add(way);
                break;
            case PatternGraph.RoundEndNode end:
                if (!way.Chosen.Contains(end.Choice))
                    Visit(end.Next, way);
                break;
            case PatternGraph.NegationNode negation when _isStart && !negation.Negation.IsFirst:
                Visit(negation.Next, way);
                break;
            case PatternGraph.NegationNode negation:
                Visit(negation.Next, way with { Negations = [.. way.Negations, negation.Negation] });
                break;
            case PatternGraph.ChoiceNode { IsPossessive: true } loop:
                Visit(loop.Ways[0], way with { Entered = [.. way.Entered, loop], Chosen = [.. way.Chosen, loop] });
                Visit(loop.Ways[1], way with { Left = [.. way.Left, loop] });
                break;
            case PatternGraph.ChoiceNode choice:
                foreach (var next in choice.Ways)
                    Visit(next, way with { Chosen = [.. way.Chosen, choice] });
                break;
        }
    }

    private string Numbers(IEnumerable<object> nodes) => string.Join(',', nodes.Select(Number).Order());

    private int Number(object node)
    {
        if (!_numbers.TryGetValue(node, out var number))
            _numbers.Add(node, number = _numbers.Count);
        return number;
    }
}
