using Cep.Connectors;
using Cep.Connectors.Http;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Host.Operating;
using Cep.Host.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cep.Host.Running;

/// <summary>Builds what a deployment names.</summary>
public static class DeploymentStart
{
    /// <param name="deployment">What is to run.</param>
    /// <param name="rules">Its rules.</param>
    /// <param name="clock">The only clock that arrival stamps, pauses and signatures go by.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    /// <exception cref="InvalidDataException">A source is for a stream that the rules do not declare, or an address is
    /// no good.</exception>
    /// <exception cref="Storage.StoreException">The state can't be opened or recovered.</exception>
    public static RunningDeployment Create(
        Deployment deployment, RuleTexts rules, TimeProvider clock, Action<string> log)
    {
        var state = KeptState.Open(deployment, rules, clock, log);
        try
        {
            var sources = deployment.Sources
                .Select(s => SourceStart.Create(s, deployment, state.Playback.Engine, clock, log)).ToList();
            var sinks = deployment.Sinks
                .Select(s => SinkStart.Create(s, () => state.Playback.Rules.Plan, clock)).ToList();
            var running = new RunningDeployment(state, sources, sinks, deployment, clock, log);
            if (deployment.Web is { } web)
                running.Web = Listen(web, sources, running, log);
            return running;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    private static WebHost Listen(
        WebSettings settings, IEnumerable<ISource> sources, RunningDeployment running, Action<string> log)
    {
        var endpoints = sources.OfType<HttpSource>().Select(s => new Action<IEndpointRouteBuilder>(
            routes => routes.MapPost(s.Path, (RequestDelegate)s.HandleAsync)));
        var pages = new OperationPages(running.Operation, settings);
        var web = WebHost.StartAsync(settings, endpoints.Append(pages.Map)).GetAwaiter().GetResult();
        log($"web {web.Address}");
        return web;
    }
}
