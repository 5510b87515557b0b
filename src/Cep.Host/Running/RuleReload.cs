using System.Threading.Channels;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Host.Rules;
using Cep.Rules;
using Cep.Rules.Diagnostics;

namespace Cep.Host.Running;

/// <summary>
/// Looks at a deployment's rule files while it runs: what has changed and is right takes effect, what is wrong is told
/// once, and the rules that run go on.
/// </summary>
internal sealed class RuleReload
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);
    private readonly Deployment _deployment;
    private readonly Func<RuleTexts, Task> _change;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private RuleTexts _current;
    private IReadOnlyList<SourceText> _seen;
    private string _problem = "";

    /// <param name="deployment">Where the rules are.</param>
    /// <param name="current">The rules that run.</param>
    /// <param name="change">Lets others run; done when that is kept.</param>
    /// <param name="clock">Says when to look.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    public RuleReload(
        Deployment deployment, RuleTexts current, Func<RuleTexts, Task> change, TimeProvider clock, Action<string> log)
    {
        (_deployment, _current, _change, _clock, _log) = (deployment, current, change, clock, log);
        _seen = current.Texts;
    }

    /// <summary>Looks now, whatever has changed.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    public async Task RunAsync(CancellationToken stop)
    {
        if (!_deployment.Reload || _deployment.Rules.Count == 0)
            return;
        using var watching = new FolderWatch(_deployment.Rules, Wake);
        try
        {
            while (true)
            {
                await WaitAsync(stop);
                if (Read() is not { } texts || texts.SequenceEqual(_seen))
                    continue;

                // whoever writes may not be done yet
                await Task.Delay(Settling, _clock, stop);
                if (Read() is { } again && again.SequenceEqual(texts))
                    await TakeAsync(again);
                else
                    Wake();
            }
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
        catch (ChannelClosedException)
        {
            // nothing can be kept any more: whoever waits for the entrance says why
        }
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(
            _wake.Reader.WaitToReadAsync(enough.Token).AsTask(), Task.Delay(Pause, _clock, enough.Token));
        await enough.CancelAsync();
        stop.ThrowIfCancellationRequested();
        _wake.Reader.TryRead(out _);
    }

    private IReadOnlyList<SourceText>? Read()
    {
        try
        {
            return RuleFiles.Read(_deployment.Rules, withTests: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Refuse(e.Message);
            return null;
        }
    }

    private async Task TakeAsync(IReadOnlyList<SourceText> texts)
    {
        _seen = texts;
        var compiled = RuleCompiler.Compile(texts, RuleFiles.Load);
        if (compiled.HasErrors)
        {
            var byPath = texts.ToDictionary(t => t.Path, t => t.Text, StringComparer.Ordinal);
            Refuse(string.Concat(compiled.Diagnostics.Select(
                d => DiagnosticPrinter.Print(d, byPath.GetValueOrDefault(d.Path)))).TrimEnd());
            return;
        }

        var rules = new RuleTexts(compiled.Plan, texts);
        if (RuleChangeCheck.Problem(_current.Plan, rules.Plan, _deployment) is { } problem)
        {
            Refuse(problem);
            return;
        }

        _problem = "";
        if (rules.Name == _current.Name)
            return;
        _current = rules;
        await _change(rules);
    }

    private void Refuse(string problem)
    {
        if (problem != _problem)
            _log($"rules: the change is refused, the rules that run go on:\n{problem}");
        _problem = problem;
    }
}
