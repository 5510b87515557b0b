using Cep.Host.Deployments;
using Cep.Host.Rules;
using Cep.Rules;
using Cep.Storage;
using Cep.Storage.Embedded;

namespace Cep.Host.Backtesting;

/// <summary>Finds the state of a deployment, to be read while it runs or after.</summary>
public static class StateFolder
{
    /// <param name="path">A state folder, or a deployment file that names one.</param>
    /// <exception cref="StoreException">There is no state.</exception>
    public static IStoreReader Open(string path) => EmbeddedReader.Open(Find(path));

    private static string Find(string path)
    {
        if (Directory.Exists(path))
            return path;
        if (RuleFiles.Load(path) is not { } text)
            throw new StoreException($"{path}: no such state folder or deployment file");

        // other parts of the file may need an environment that is not here
        var read = DeploymentFile.Read(
            new SourceText(path, text), name => Environment.GetEnvironmentVariable(name) ?? "");
        if (read.Folder is not { } folder)
            throw new StoreException($"{path}: the deployment keeps no state (engine: {{state: FOLDER}})");
        return folder;
    }
}
