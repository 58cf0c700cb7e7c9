using OrleansSegments.Storage.Embedded;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Chooses the folder that a command works on, and clears it if allowed.</summary>
internal static class DataFolder
{
    /// <summary>Where commands keep their data by default, below the current directory.</summary>
    public const string DefaultRoot = "data";

    /// <summary>The named folder, or the command's own folder below <see cref="DefaultRoot"/>.</summary>
    public static string Choose(string? named, string own) => Path.GetFullPath(named ?? Path.Combine(DefaultRoot, own));

    /// <exception cref="CommandException">Thrown when the folder holds no store; a command that reads makes none.</exception>
    public static void Require(string folder)
    {
        if (!EmbeddedStore.IsIn(folder))
        {
            throw new CommandException($"{folder} is no data folder. Name one that a silo made, such as data/segments.");
        }
    }

    /// <summary>
    /// Makes the folder empty for a run that starts from nothing. The commands' own folders are cleared; one named by the user must be new
    /// or empty.
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
            throw new CommandException($"{folder} holds files that do not belong to a data folder and was not changed. Name another folder with --data DIR.");
        }

        EmbeddedStore.Delete(folder);
        return folder;
    }
}
