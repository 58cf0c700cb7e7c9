using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Journal;

/// <summary>Opens the journal of a folder and reads what the tables do not have.</summary>
internal static class JournalOpening
{
    /// <summary>Makes the first file of a folder without customers, unless there is one.</summary>
    /// <exception cref="StoreException">It cannot be made.</exception>
    public static void Begin(DataFolder folder) => Explained(folder, () =>
    {
        var numbers = JournalFolder.Numbers(folder);
        if (numbers.Count == 1)
        {
            var path = folder.FileOf(JournalFolder.NameOf(numbers[0]));
            using var file = JournalFile.Open(path, out var isBlank);
            if (!isBlank)
            {
                return;
            }

            // The process or the power went when it was made.
            File.Delete(path);
        }

        if (numbers.Count <= 1)
        {
            var header = CommitJournal.HeaderOf(1, 1);
            JournalFile.Create(folder.FileOf(JournalFolder.NameOf(header.FileNumber)), header).Dispose();
        }
    });

    /// <param name="mergedThrough">The last commit that the tables hold.</param>
    /// <exception cref="StoreException">A file is damaged, missing, newer than this program, or cannot be read.</exception>
    public static CommitJournal Open(StoreContext context, long mergedThrough, IdHash hash, CommitFound found)
    {
        var files = new List<JournalFile>();
        var spares = new List<JournalFile>();
        var last = 0L;
        try
        {
            Explained(context.Folder, () =>
            {
                OpenFiles(context.Folder, files, spares, mergedThrough);
                last = new JournalReplay(hash, found).Read(files, mergedThrough);
            });
            return new CommitJournal(context, files, spares, last, mergedThrough);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            spares.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static void Explained(DataFolder folder, Action open)
    {
        try
        {
            open();
        }
        catch (InvalidDataException failure)
        {
            throw new StoreException($"{failure.Message}. Restore {folder.Path} from a copy.", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(folder.ExplainJournal(failure), failure);
        }
    }

    private static void OpenFiles(DataFolder folder, List<JournalFile> files, List<JournalFile> spares, long mergedThrough)
    {
        var numbers = JournalFolder.Numbers(folder);
        for (var index = numbers.Count - 1; index >= 0; index--)
        {
            var path = folder.FileOf(JournalFolder.NameOf(numbers[index]));
            var file = JournalFile.Open(path, out var isBlank);
            ThrowIfLater(file);
            if (file is null && isBlank && index == numbers.Count - 1 && index > 0)
            {
                // The process or the power went when the file was begun: nothing in it was ever acknowledged.
                File.Delete(path);
            }
            else if (files.Count > 0 && files[0].FirstCommit <= mergedThrough + 1)
            {
                // Older than all that is needed.
                AddSpare(file, path, spares);
            }
            else if (file is null)
            {
                throw new InvalidDataException($"{path} is damaged or is no journal");
            }
            else if (file.Number != numbers[index])
            {
                // It was renamed to be used again, and that is how far it came.
                spares.Add(file);
            }
            else
            {
                files.Insert(0, file);
            }
        }

        if (files.Count == 0 || files[0].FirstCommit > mergedThrough + 1)
        {
            throw new InvalidDataException(
                $"{folder.FileOf(DataFolder.CustomersFile)} holds commits up to {mergedThrough}, and of the journal, which may hold acknowledged changes, "
                + $"{JournalFolder.NameOf(files.Count == 0 ? 1 : files[0].Number - 1)} or one before it is missing");
        }
    }

    private static void ThrowIfLater(JournalFile? file)
    {
        if (file is { Header.Version: > JournalFileHeader.VersionKnown })
        {
            file.Dispose();
            throw new StoreException(
                $"{file.Path} has schema version {file.Header.Version}; this program knows versions up to {JournalFileHeader.VersionKnown}. "
                + "Run the newer program, or restore a copy from before the upgrade.");
        }
    }

    private static void AddSpare(JournalFile? file, string path, List<JournalFile> spares)
    {
        if (file is not null)
        {
            spares.Add(file);
        }
        else
        {
            File.Delete(path);
        }
    }
}
