using Cep.Rules.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cep.Rules.Syntax;

/// <summary>Reads one YAML document into nodes. Depth and the nodes that aliases repeat are limited.</summary>
internal sealed class YamlReader
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 2_000_000;
    private const int MaxRepeatedNodes = 100_000;

    private readonly YamlSource _source;
    private readonly DiagnosticBag _diagnostics;
    private readonly IParser _parser;
    private readonly Dictionary<string, YamlNode> _anchors = [];
    private int _nodes;
    private int _repeated;

    private YamlReader(YamlSource source, DiagnosticBag diagnostics)
    {
        _source = source;
        _diagnostics = diagnostics;
        _parser = new Parser(new Scanner(new StringReader(source.Text)));
    }

    /// <summary>The document's root, or null where there is none or it cannot be read (which is reported).</summary>
    public static YamlNode? Read(YamlSource source, DiagnosticBag diagnostics)
    {
        var reader = new YamlReader(source, diagnostics);
        try
        {
            return reader.Document();
        }
        catch (LimitException limit)
        {
            diagnostics.Error(DiagnosticIds.LimitExceeded, source, limit.Span, limit.Message);
        }
        catch (YamlException error)
        {
            var at = source.OffsetOf((int)error.Start.Line, (int)error.Start.Column);
            var reason = Reason(error);
            var hint = reason.Contains("flow", StringComparison.Ordinal)
                ? "inside { } and [ ] an expression with , : [ ] { } needs quotes"
                : null;
            diagnostics.Error(DiagnosticIds.YamlSyntax, source, source.SpanOf(at, at + 1),
                $"This is no valid YAML: {reason}", hint);
        }

        catch (Exception error) when (error is InvalidOperationException or ArgumentException
            or IndexOutOfRangeException or FormatException)
        {
            // the scanner answers some malformed input in this way and does not say where
            var at = reader._parser.Current is { } last ? reader.Offset(last.End) : 0;
            diagnostics.Error(DiagnosticIds.YamlSyntax, source, source.SpanOf(at, at + 1),
                "This is no valid YAML after this place.");
        }

        return null;
    }

    private static string Reason(YamlException error)
    {
        var text = (error.InnerException?.Message ?? error.Message).Trim();
        return text.EndsWith('.') ? text : text + ".";
    }

    private YamlNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return null;
        _parser.Consume<DocumentStart>();
        var root = Node(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            var span = SpanOf(second.Start, second.End);
            _diagnostics.Error(DiagnosticIds.WrongShape, _source, span,
                "A file holds one YAML document; move this one to a file of its own.");
        }

        return root;
    }

    private YamlNode Node(int depth)
    {
        if (!_parser.Accept<ParsingEvent>(out var current))
            throw new YamlException("The document ends too early.");
        if (depth > MaxDepth)
            throw new LimitException(SpanOf(current.Start, current.End),
                $"Nodes are nested more than {MaxDepth} deep.");
        if (++_nodes > MaxNodes)
            throw new LimitException(SpanOf(current.Start, current.End), $"A file holds at most {MaxNodes} nodes.");
        if (current is AnchorAlias)
            return Alias(_parser.Consume<AnchorAlias>());
        var anchor = current is NodeEvent { Anchor.IsEmpty: false } node ? node.Anchor.Value : null;
        YamlNode read = current switch
        {
            SequenceStart => Sequence(depth),
            MappingStart => Mapping(depth),
            _ => Scalar(_parser.Consume<Scalar>()),
        };
        if (anchor is not null)
            _anchors[anchor] = read;
        return read;
    }

    private YamlNode Alias(AnchorAlias alias)
    {
        var span = SpanOf(alias.Start, alias.End);
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
            throw new YamlException(alias.Start, alias.End,
                $"There is no anchor '{alias.Value.Value}' before this alias.");
        _repeated += node.Size;
        if (_repeated > MaxRepeatedNodes)
            throw new LimitException(span, $"Aliases repeat more than {MaxRepeatedNodes} nodes.");
        return node;
    }

    private YamlSequence Sequence(int depth)
    {
        var start = _parser.Consume<SequenceStart>();
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        return new YamlSequence(_source, SpanOf(start.Start, start.End), items);
    }

    private YamlMapping Mapping(int depth)
    {
        var start = _parser.Consume<MappingStart>();
        var entries = new List<YamlEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(depth + 1);
            var value = Node(depth + 1);
            if (key is not YamlScalar name)
                _diagnostics.Error(DiagnosticIds.WrongShape, key, "A key must be a text.");
            else if (keys.Add(name.Value))
                entries.Add(new YamlEntry(name, value));
            else
                _diagnostics.Error(DiagnosticIds.DuplicateKey, key, $"The key '{name.Value}' is there twice.");
        }

        return new YamlMapping(_source, SpanOf(start.Start, start.End), entries);
    }

    private YamlScalar Scalar(Scalar scalar)
    {
        var style = scalar.Style switch
        {
            ScalarStyle.SingleQuoted => YamlStyle.SingleQuoted,
            ScalarStyle.DoubleQuoted => YamlStyle.DoubleQuoted,
            ScalarStyle.Literal or ScalarStyle.Folded => YamlStyle.Block,
            _ => YamlStyle.Plain,
        };
        var (start, end) = (Offset(scalar.Start), Offset(scalar.End));
        if (!scalar.Anchor.IsEmpty || !scalar.Tag.IsEmpty)
            start = SkipProperties(start, end);
        return new YamlScalar(_source, start, end, scalar.Value, style);
    }

    /// <summary>An anchor and a tag stand in front of the text and count as part of it.</summary>
    private int SkipProperties(int start, int end)
    {
        var text = _source.Text;
        while (start < end && text[start] is '&' or '!')
        {
            while (start < end && !char.IsWhiteSpace(text[start]))
                start++;
            while (start < end && char.IsWhiteSpace(text[start]))
                start++;
        }

        return start;
    }

    private int Offset(Mark mark) => _source.OffsetOf((int)mark.Line, (int)mark.Column);

    private Span SpanOf(Mark start, Mark end) =>
        _source.SpanOf(Offset(start), Math.Max(Offset(start) + 1, Offset(end)));

    private sealed class LimitException(Span span, string message) : Exception(message)
    {
        public Span Span { get; } = span;
    }
}
