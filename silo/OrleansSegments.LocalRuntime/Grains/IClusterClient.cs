namespace Orleans;

/// <summary>The way in for code that is no grain. It lives in the same process as the silo.</summary>
public interface IClusterClient : IGrainFactory
{
    IServiceProvider ServiceProvider { get; }
}
