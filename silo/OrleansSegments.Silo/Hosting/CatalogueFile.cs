using OrleansSegments.Engine.Features;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Reads the feature catalogue and reports all of its errors together.</summary>
internal static class CatalogueFile
{
    public static FeatureCatalogue Load(string? path)
    {
        if (path is null)
        {
            return FeatureCatalogue.Default;
        }

        if (!File.Exists(path))
        {
            throw new CommandException($"--features {path}: there is no such file. Leave the option out to use the built-in retail catalogue.");
        }

        FeatureCatalogue? catalogue = FeatureCatalogue.TryLoad(File.ReadAllBytes(path), out IReadOnlyList<CatalogueError> errors);
        return catalogue ?? throw new CommandException(
            $"{path} has {errors.Count} error{(errors.Count == 1 ? "" : "s")}:{Environment.NewLine}  " + string.Join(Environment.NewLine + "  ", errors));
    }
}
