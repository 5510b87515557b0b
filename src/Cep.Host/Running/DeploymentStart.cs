using Cep.Connectors;
using Cep.Connectors.Http;
using Cep.Host.Deployments;
using Cep.Host.Web;
using Cep.Plans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cep.Host.Running;

/// <summary>Builds what a deployment names.</summary>
public static class DeploymentStart
{
    /// <param name="deployment">What is to run.</param>
    /// <param name="plan">Its rules.</param>
    /// <param name="clock">The only clock that arrival stamps, pauses and signatures go by.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    /// <exception cref="InvalidDataException">A source is for a stream that the rules do not declare, or an address is
    /// no good.</exception>
    public static RunningDeployment Create(
        Deployment deployment, EnginePlan plan, TimeProvider clock, Action<string> log)
    {
        var engine = new Engine(plan, new EngineOptions(deployment.Workers));
        var sources = deployment.Sources.Select(s => SourceStart.Create(s, engine, clock, log)).ToList();
        var sinks = deployment.Sinks.Select(s => SinkStart.Create(s, plan, clock)).ToList();
        return new RunningDeployment(engine, sources, sinks, deployment, clock, log)
        {
            Web = deployment.Web is { } web ? Listen(web, sources, log) : null,
        };
    }

    private static WebHost Listen(WebSettings settings, IEnumerable<ISource> sources, Action<string> log)
    {
        var endpoints = sources.OfType<HttpSource>().Select(s => new Action<IEndpointRouteBuilder>(
            routes => routes.MapPost(s.Path, (RequestDelegate)s.HandleAsync)));
        var web = WebHost.StartAsync(settings, endpoints).GetAwaiter().GetResult();
        log($"web {web.Address}");
        return web;
    }
}
