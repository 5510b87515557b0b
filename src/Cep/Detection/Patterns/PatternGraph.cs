using Cep.Plans;

namespace Cep.Detection.Patterns;

/// <summary>
/// A pattern unrolled: counted rounds become copies, so that all that is left are events to take, choices and
/// negations.
/// It is built from its end, each part with what follows it.
/// </summary>
internal sealed class PatternGraph
{
    private readonly PatternPlan _plan;
    private int _races;
    private int _nodes;

    public PatternGraph(PatternPlan plan)
    {
        _plan = plan;
        Start = Build(plan.Root, new Context(null, -1, null, IsStart: true, IsLast: true), new AcceptNode());
    }

    public Node Start { get; }

    internal abstract class Node;

    internal sealed class AcceptNode : Node;

    internal sealed class TakeNode(int step, PatternLink link, int race, bool inRun, Node next) : Node
    {
        public int Step => step;

        public PatternLink Link => link;

        /// <summary>Elements of one number wait together: the next event that can begin any of them counts.</summary>
        public int Race => race;

        /// <summary>A round of a loop after its first: what ends the loop counts.</summary>
        public bool InRun => inRun;

        public Node Next => next;
    }

    /// <summary>A choice, in order of preference.</summary>
    internal sealed class ChoiceNode : Node
    {
        public Node[] Ways { get; set; } = [];

        /// <summary>The first way is a round of a possessive loop, the second leaves it.</summary>
        public bool IsPossessive { get; init; }
    }

    /// <summary>The end of a round that need not have been: it must have taken an event.</summary>
    internal sealed class RoundEndNode(ChoiceNode choice, Node next) : Node
    {
        /// <summary>Where the round was chosen.</summary>
        public ChoiceNode Choice => choice;

        public Node Next => next;
    }

    internal sealed class NegationNode(Negation negation, Node next) : Node
    {
        public Negation Negation => negation;

        public Node Next => next;
    }

    /// <summary>Where a part stands.</summary>
    /// <param name="Link">The link in front of it, or null at the start.</param>
    /// <param name="Race">The alternatives that it is one of, or -1.</param>
    /// <param name="After">The link behind it.</param>
    /// <param name="IsStart">It begins the pattern.</param>
    /// <param name="IsLast">It ends the pattern.</param>
    private readonly record struct Context(PatternLink? Link, int Race, PatternLink? After, bool IsStart, bool IsLast)
    {
        /// <summary>The link between the rounds of a loop that names none.</summary>
        public PatternLink Repeated => Link ?? After ?? PatternLink.Next;

        public Context Again(PatternLink link) => this with { Link = link, Race = -1, IsStart = false };
    }

    private Node Build(PatternNode node, Context at, Node next)
    {
        if (++_nodes > 4 * PatternAutomaton.MaxStates)
            throw new ArgumentException(
                $"A pattern has at most {PatternAutomaton.MaxStates} events, repetitions counted.");
        switch (node)
        {
            case StepNode step:
                return new TakeNode(step.Step, at.Link ?? PatternLink.Next, at.Race, inRun: false, next);
            case SequenceNode sequence:
                return Sequence(sequence, at, next);
            case AlternativesNode either:
                var member = at with { Race = at.Race >= 0 ? at.Race : _races++ };
                return new ChoiceNode { Ways = [.. either.Members.Select(m => Build(m, member, next))] };
            case AnyOrderNode all:
                return AnyOrder(all, at, next);
            case LoopNode loop:
                return Loop(loop, at, next);
            case AbsentNode absent:
                var before = at.Link ?? PatternLink.Next;
                return new NegationNode(new Negation([.. absent.Steps], before, at.After ?? PatternLink.Next,
                    at.IsStart, at.IsLast), next);
            default:
                throw new ArgumentException($"'{node.GetType().Name}' is no part of a pattern.");
        }
    }

    private Node Sequence(SequenceNode sequence, Context at, Node next)
    {
        var items = sequence.Items;
        var leading = 0;
        while (leading < items.Count && items[leading].Node is AbsentNode)
            leading++;
        for (var i = items.Count - 1; i >= 0; i--)
        {
            var after = i + 1 < items.Count ? items[i + 1].Link : at.After;
            var isLast = at.IsLast && i == items.Count - 1;
            var item = i == 0
                ? at with { After = after, IsLast = isLast }
                : new Context(items[i].Link, -1, after, at.IsStart && i < leading, isLast);
            next = Build(items[i].Node, item, next);
        }

        return next;
    }

    private Node AnyOrder(AnyOrderNode all, Context at, Node next)
    {
        var inner = at.Again(all.Link ?? at.Repeated);
        var rests = new Dictionary<int, Node>();
        return Rest((1 << all.Members.Count) - 1, at);

        Node Rest(int members, Context front)
        {
            if (members == 0)
                return next;
            if (rests.TryGetValue(members, out var known))
                return known;
            front = front with { Race = front.Race >= 0 ? front.Race : _races++ };
            var ways = new List<Node>();
            for (var i = 0; i < all.Members.Count; i++)
            {
                if ((members >> i & 1) == 0)
                    continue;
                var others = members & ~(1 << i);
                ways.Add(Build(all.Members[i], front with { IsLast = at.IsLast && others == 0 }, Rest(others, inner)));
            }

            return rests[members] = new ChoiceNode { Ways = [.. ways] };
        }
    }

    private Node Loop(LoopNode loop, Context at, Node next)
    {
        var again = at.Again(loop.Link ?? at.Repeated);
        var unrolled = Math.Max(loop.Max == int.MaxValue ? loop.Min : loop.Max, 1);
        if (unrolled > PatternAutomaton.MaxStates)
            throw new ArgumentException(
                $"A pattern has at most {PatternAutomaton.MaxStates} events, repetitions counted.");
        var rest = next;
        if (loop.Max == int.MaxValue)
        {
            var more = new ChoiceNode { IsPossessive = loop.Mode == LoopMode.Possessive };
            more.Ways = Ordered(loop, Round(loop, again, inRun: true, new RoundEndNode(more, more)), next);
            rest = more;
        }

        for (var round = unrolled; round >= 1; round--)
        {
            var place = round == 1 ? at : again;
            if (round <= loop.Min)
            {
                rest = Round(loop, place, inRun: round > 1, rest);
                continue;
            }

            var choice = new ChoiceNode { IsPossessive = loop.Mode == LoopMode.Possessive };
            choice.Ways = Ordered(loop, Round(loop, place, inRun: round > 1, new RoundEndNode(choice, rest)), next);
            rest = choice;
        }

        return rest;
    }

    private Node Round(LoopNode loop, Context at, bool inRun, Node next) => loop.Body is StepNode step
        && _plan.Steps[step.Step].Until is not null
        ? new TakeNode(step.Step, at.Link ?? PatternLink.Next, at.Race, inRun, next)
        : Build(loop.Body, at, next);

    private static Node[] Ordered(LoopNode loop, Node body, Node next) => loop.Mode == LoopMode.Reluctant
        ? [next, body] : [body, next];
}
