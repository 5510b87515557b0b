using Cep.Host.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cep.Host.Operating;

/// <summary>What those who watch over a deployment ask for.</summary>
internal sealed class OperationPages(Operation operation, WebSettings settings)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        // they say nothing but yes or no: whoever starts processes anew need have no token
        routes.MapGet("/healthz", (RequestDelegate)(c => AnswerAsync(c.Response, operation.Ill()))).AllowAnonymous();
        routes.MapGet("/readyz", (RequestDelegate)(c => AnswerAsync(c.Response, operation.Unready()))).AllowAnonymous();
        new OperationApi(operation).Map(routes);
        var metrics = routes.MapGet("/metrics", (RequestDelegate)MetricsAsync);
        if (settings.OpenMetrics)
            metrics.AllowAnonymous();
    }

    private static Task AnswerAsync(HttpResponse response, string? trouble)
    {
        response.StatusCode = trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync((trouble ?? "ok") + "\n");
    }

    private Task MetricsAsync(HttpContext context)
    {
        context.Response.ContentType = MetricsText.ContentType;
        return context.Response.WriteAsync(MetricsText.Write(new DeploymentMetrics(operation).Collect()));
    }
}
