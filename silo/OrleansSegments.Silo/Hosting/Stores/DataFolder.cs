using OrleansSegments.Storage.Embedded;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Which folder a command works on, and whether it may start it over.</summary>
internal static class DataFolder
{
    /// <summary>Where commands keep their data when none is named, below the current folder.</summary>
    public const string DefaultRoot = "data";

    /// <summary>The named folder, or one of our own below <see cref="DefaultRoot"/>.</summary>
    public static string Choose(string? named, string own) => Path.GetFullPath(named ?? Path.Combine(DefaultRoot, own));

    /// <summary>
    /// Makes the folder empty for a run that starts from nothing. Our own folders are cleared; one that the user named must be new or empty.
    /// </summary>
    public static string Fresh(string? named, string own)
    {
        string folder = Choose(named, own);
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return folder;
        }

        if (named is not null)
        {
            throw new CommandException(
                $"--data {named} is not empty and this command starts from nothing. Name a new folder, or serve the existing one with: ./segments up --data {ShellText.Quote(named)}");
        }

        if (!EmbeddedStore.IsIn(folder))
        {
            throw new CommandException($"{folder} holds files that are not a data folder's; they are left alone. Name another folder with --data DIR.");
        }

        EmbeddedStore.Delete(folder);
        return folder;
    }
}
