namespace Cep.Storage;

/// <summary>
/// The store can't do what it is asked for: the folder is in use, the disk is full, the data is damaged or of a newer
/// version. The message is for whoever operates the deployment.
/// </summary>
public sealed class StoreException : IOException
{
    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
