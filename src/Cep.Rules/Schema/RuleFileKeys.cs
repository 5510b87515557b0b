namespace Cep.Rules.Schema;

/// <summary>The keys of rule files.</summary>
public static class RuleFileKeys
{
    internal const string NamePattern = "^[a-z_][a-z0-9_]*$";

    private static readonly Shape s_text = new TextShape();
    private static readonly Shape s_expression = new ExpressionShape();
    private static readonly Shape s_duration = new DurationShape();
    private static readonly Shape s_time = new TimeShape();
    private static readonly Shape s_any = new AnyShape();
    private static readonly Shape s_expressions = new MapShape(s_expression);
    private static readonly Shape s_texts = new OneOfShape(s_text, new ListShape(s_text));
    private static readonly Shape s_key = new OneOfShape(s_expression, new ListShape(s_expression), s_expressions);
    private static readonly Shape s_types = new TextShape(
        "^(list of )?(bool|integer|number|string|timestamp|duration|any)$");

    /// <summary>The words of severities.</summary>
    internal static readonly EnumShape Severities = new("info", "low", "medium", "high", "critical");

    internal static readonly EnumShape Modes = new("live", "shadow", "off");

    internal static readonly EnumShape Statuses = new("firing", "resolved");

    public static ObjectSpec Late { get; } = new("late", "Where late events go.", [
        new("to", s_text, "The stream that gets the late events.", Required: true)]);

    public static ObjectSpec Stream { get; } = new("stream", "A stream of events.", [
        new("time", s_text, "The field with the event time; without it the time of arrival counts."),
        new("out_of_order", s_duration, "How late events may arrive and still be put in order (default 0s)."),
        new("idle", s_duration, "A silent source stops holding the watermark back after this."),
        new("late", new OneOfShape(new EnumShape("drop"), new ObjectShape(Late)),
            "What becomes of late events: drop, or to: <stream>."),
        new("max_ahead", s_duration, "An event this far ahead of its arrival is put aside."),
        new("timeline", s_text, "Lateness and order are judged for each value of this field by itself."),
        new("fields", new MapShape(s_types), "The fields of the events and their types.", Required: true)]);

    public static ObjectSpec Join { get; } = new("join", "Pairs of events of two streams.", [
        new("join", new ListShape(s_text), "The two streams, such as [orders as o, shipments as s].", Required: true),
        new("where", s_expression, "What a pair has in common."),
        new("within", s_duration, "How far the two may lie apart."),
        new("interval", s_text, "Bounds of right minus left, such as -5m..1h."),
        new("kind", new EnumShape("inner", "left", "anti"), "Which rows are reported."),
        new("key", s_text, "The key, for a table.")]);

    public static ObjectSpec Table { get; } = new("table", "Rows by key, for look-ups.", [
        new("key", s_text, "The field that rows are looked up by."),
        new("file", s_text, "A CSV or NDJSON file; reloaded when it changes."),
        new("stream", s_text, "The stream that feeds the table: the last value for each key."),
        new("fields", new MapShape(s_types), "The columns and their types."),
        .. Join.Keys.Where(k => k.Name != "key").Select(k => k with { Required = false })]);

    public static ObjectSpec Alert { get; } = new("alert", "What an alert says.", [
        new("message", s_text, "The message; {expression} and {expression:format} are replaced by values."),
        new("labels", new MapShape(s_text), "Texts that go with every alert."),
        new("fields", s_expressions, "Values besides those of let and select."),
        new("dedupe", s_duration, "At most one alert for the rule and key in this time."),
        new("key", s_key, "Overrides the key of the alert.")]);

    public static ObjectSpec Exception { get; } = new("exception",
        "Events that the rule leaves out: field: value or list.", [
        new("why", s_text, "The reason.", Required: true),
        new("until", s_time, "When the exception ends: a date (the start of that day, UTC) or an instant.",
            Required: true)], s_any);

    public static ObjectSpec Step { get; } = new("step", "A step of a pattern.", [
        new("on", s_text, "The stream that the step reads."),
        new("where", s_expression, "The condition of the step.")]);

    public static ObjectSpec OnTimeout { get; } = new("on_timeout",
        "What to say about partial matches that ran out of time.", [
        new("alert", new ObjectShape(Alert), "The alert.")]);

    private static readonly KeySpec[] s_ruleKeys =
    [
        new("description", s_text, "What the rule finds."),
        new("severity", Severities, "How bad it is (default medium)."),
        new("tags", s_texts, "Words to find rules by."),
        new("mode", Modes, "live; shadow: evaluated and recorded, never delivered; off."),
        new("on", new OneOfShape(s_text, new ObjectShape(Join)), "The stream that the rule reads, or a join."),
        new("by", s_key,
            "The key: a field, an expression, a list or a mapping of names to expressions; none: one key for all."),
        new("where", s_expression, "A cheap filter before anything else."),
        new("let", s_expressions, "Names for expressions, usable below and shown in alerts."),
        new("when", s_expression, "The condition on each event; in a window rule on the selected values."),
        new("for", s_duration, "The condition must hold at every event for this long."),
        new("resolve", s_expression, "Resolves a firing alert."),
        new("trigger", new EnumShape("rising"), "rising: fires only where the condition turns true."),
        new("every", s_duration, "Also evaluates each key on this beat of event time."),
        new("pattern", s_text, "Events in order, such as probe{2,} -> hit."),
        new("within", s_duration, "The longest time from a pattern's first event to its last."),
        new("define", new MapShape(new OneOfShape(s_expression, new ObjectShape(Step))),
            "The conditions of a pattern's steps."),
        new("until", s_expressions, "Conditions that end looping steps of a pattern."),
        new("matches", new EnumShape("one", "all", "latest"), "Which matches of a pattern are reported."),
        new("after_match",
            new TextShape("^(skip_past_last|skip_to_next|no_skip|skip_to_(first|last) [a-z_][a-z0-9_]*)$"),
            "Where matching resumes."),
        new("on_timeout", new ObjectShape(OnTimeout), "Reports partial matches that ran out of time."),
        new("window", s_text,
            "tumbling 5m | hopping 5m every 1m | session gap 30s [max 1h] | count 100 | day|week|month [in Zone]."),
        new("select", s_expressions, "The values of a window."),
        new("report", new TextShape("^(close|update|every .+|earliest|longest)$"),
            "When a window or a pattern is reported."),
        new("allowed_lateness", s_duration, "A late event inside it re-opens a window."),
        new("offset", s_duration, "Shifts the start of windows."),
        new("silent", s_duration, "No event of the key for this long after the last."),
        new("expect", s_text, "The table of keys that should speak."),
        new("except", new ListShape(new ObjectShape(Exception)),
            "Known, reasoned exceptions, which end by themselves."),
        new("alert", new ObjectShape(Alert), "What an alert says."),
        new("emit", new TextShape(NamePattern), "The derived stream that gets the rule's detections."),
    ];

    private static readonly string[] s_notDefaults = ["when", "pattern", "window", "silent", "emit"];

    public static ObjectSpec Rule { get; } = new("rule",
        "A rule: a stream, a key and exactly one of when, pattern, window, silent.", [
        new("rule", new TextShape("^[a-z0-9-]+$"), "The rule's id.", Required: true),
        .. s_ruleKeys]);

    public static ObjectSpec Defaults { get; } = new("defaults",
        "Keys that hold for the file's rules unless they say otherwise.",
        [.. s_ruleKeys.Where(k => !s_notDefaults.Contains(k.Name))]);

    public static ObjectSpec Bounds { get; } = new("bounds", "A window's bounds.", [
        new("start", s_time, "Its start."),
        new("end", s_time, "Its end (exclusive).")]);

    public static ObjectSpec Expectation { get; } = new("expectation", "An alert; what is not named may be anything.", [
        new("rule", s_text, "The rule's id."),
        new("at", s_time, "The time of the alert."),
        new("status", Statuses, "firing or resolved."),
        new("key", s_any, "The key: one value, a list of the parts' values, or a mapping by name."),
        new("severity", Severities, "The severity."),
        new("message", s_text, "The whole message."),
        new("fields", new MapShape(s_any), "Some of the alert's fields."),
        new("labels", new MapShape(s_text), "Some of the alert's labels."),
        new("matched", new MapShape(new OneOfShape(new IntegerShape(), new ListShape(new IntegerShape()))),
            "For each step of a pattern the indexes into given of its events."),
        new("window", new ObjectShape(Bounds), "The window reported."),
        new("revision", new IntegerShape(), "How often the window was reported before.")]);

    public static ObjectSpec Given { get; } = new("given", "An event: stream: {fields}; or advance: a time.", [
        new("advance", s_duration, "Moves the clock of streams without a time field.")], new MapShape(s_any));

    public static ObjectSpec Test { get; } = new("test", "A test of rules.", [
        new("name", s_text, "What it shows."),
        new("load", s_texts, "Files with the rules to test, relative to this one."),
        new("streams", new MapShape(new ObjectShape(Stream)), "Streams of this test alone."),
        new("tables", new MapShape(new ObjectShape(Table)), "Tables of this test alone."),
        new("rules", new ListShape(new ObjectShape(Rule)), "Rules of this test alone."),
        new("given", new ListShape(new ObjectShape(Given)), "Events in order of arrival.", Required: true),
        new("until", s_time, "How far the clock runs after the last event; else to the end of time."),
        new("expect", new ListShape(new ObjectShape(Expectation)), "All the alerts, in any order."),
        new("contains", new ListShape(new ObjectShape(Expectation)), "Alerts that must be among those raised.")]);

    public static ObjectSpec File { get; } = new("file", "Streams, tables, rules and tests.", [
        new("streams", new MapShape(new ObjectShape(Stream)), "Declares streams by name."),
        new("tables", new MapShape(new ObjectShape(Table)), "Declares tables by name."),
        new("defaults", new ObjectShape(Defaults), Defaults.Description),
        new("rules", new ListShape(new ObjectShape(Rule)), "The rules."),
        new("tests", new ListShape(new ObjectShape(Test)), "Tests of the rules."),
        new("load", s_texts, "Files with the rules that this file's tests are about, relative to this one.")]);
}
