using System.Text.RegularExpressions;
using Cep.Host.Notifying;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>Reads which alerts go where and when.</summary>
internal sealed partial class RouteReader(SettingText text, IReadOnlyList<SinkSettings> sinks)
{
    private readonly DiagnosticBag _diagnostics = text.Diagnostics;

    public Route Read(YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Route, _diagnostics);
        var to = Sinks(reader, "to");
        var match = reader.Expression("match");
        var groupBy = reader.Has("group_by") ? Fields(reader, "group_by") : null;
        var route = new Route(to, match is null ? _ => true : AlertMatch.Compile(match, _diagnostics));
        route = route with
        {
            Continue = text.Flag(reader.Scalar("continue"), otherwise: true),
            GroupBy = groupBy,
            GroupWait = text.Duration(reader, "group_wait", route.GroupWait),
            GroupInterval = text.Duration(reader, "group_interval", route.GroupInterval),
            Repeat = reader.Has("repeat") ? text.Duration(reader, "repeat", TimeSpan.FromHours(4)) : null,
            Escalate = reader.Mapping("escalate") is { } escalate ? Escalation(escalate) : null,
            Identity = $"{string.Join(',', to)}\n{match?.Source.Value}\n"
                + (groupBy is null ? "" : string.Join(',', groupBy.Select(f => f.Name))),
        };
        if (groupBy is null)
            NeedsGroups(reader, "group_wait", "group_interval");
        else
            CheckGrouped(reader);
        return route;
    }

    public Inhibition Inhibition(YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Inhibition, _diagnostics);
        return new Inhibition(Match(reader, "source"), Match(reader, "target"), Fields(reader, "equal"));
    }

    public Silence? Silence(YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Silence, _diagnostics);
        var matches = Match(reader, "match");
        if (reader.Scalar("match") is not { } match || reader.Scalar("until") is not { } until
            || reader.Scalar("why") is not { } why)
            return null;
        if (TimeText.TryParse(until.Resolve(), out var end))
            return new Silence(
                match.Value, matches, DateTimeOffset.FromUnixTimeMilliseconds(end), text.Text(why));
        _diagnostics.Error(
            DiagnosticIds.InvalidValue, until, $"'{until.Value}' is neither a date nor an instant.",
            "write 2027-01-31, or 2027-01-31T12:00Z");
        return null;
    }

    private Func<Cep.Alerts.Alert, bool> Match(MappingReader reader, string key) =>
        reader.Expression(key) is { } match ? AlertMatch.Compile(match, _diagnostics) : _ => false;

    private Escalation Escalation(YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Escalation, _diagnostics);
        return new Escalation(text.Duration(reader, "after", TimeSpan.FromMinutes(15)), Sinks(reader, "to"));
    }

    private List<string> Sinks(MappingReader reader, string key)
    {
        var names = reader.Scalars(key);
        foreach (var name in names.Where(n => !sinks.Any(s => s.Name == n.Value)))
            _diagnostics.Error(
                DiagnosticIds.UnknownName, name, $"There is no sink '{name.Value}'.",
                Suggestion.For(name.Value, sinks.Select(s => s.Name)));
        return [.. names.Select(n => n.Value)];
    }

    private List<AlertField> Fields(MappingReader reader, string key)
    {
        var fields = new List<AlertField>();
        foreach (var name in reader.Scalars(key))
        {
            if (FieldName().IsMatch(name.Value))
                fields.Add(new AlertField(name.Value));
            else
                _diagnostics.Error(
                    DiagnosticIds.InvalidValue, name,
                    "Here stand rule, severity, key.NAME, labels.NAME, or the name of a label or a part of the key.");
        }

        return fields;
    }

    private void NeedsGroups(MappingReader reader, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            if (reader.OwnKey(key) is { } alone)
                _diagnostics.Error(
                    DiagnosticIds.InvalidValue, alone, $"'{key}' is for groups, and there is no 'group_by'.",
                    "group_by: [rule]");
    }

    private void CheckGrouped(MappingReader reader)
    {
        foreach (var name in reader.Scalars("to"))
            if (sinks.Any(s => s is AlertmanagerSettings && s.Name == name.Value))
                _diagnostics.Error(
                    DiagnosticIds.InvalidValue, name, "An Alertmanager makes groups itself and takes single alerts.",
                    $"give '{name.Value}' a route without group_by");
    }

    [GeneratedRegex(@"^((key|labels)\.)?[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex FieldName();
}
