using OrleansSegments.Storage.Folder;

namespace OrleansSegments.UnitTests.Storage;

/// <summary>A folder of its own for one test, removed at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    /// <summary>The file of the journal that commits are appended to.</summary>
    public string NewestJournalFile => Directory.GetFiles(Path, "journal-*").Order(StringComparer.Ordinal).Last();

    /// <summary>
    /// What a process that opens the folder after a kill at this instant would find: the bytes as the kernel has them. The caller sees to
    /// it that no thread of the store writes meanwhile.
    /// </summary>
    public TemporaryFolder Copy()
    {
        var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Path))
        {
            var name = System.IO.Path.GetFileName(file);

            // The index of the write-ahead log is shared memory, rebuilt by the next process; the lock dies with its holder.
            if (name != DataFolder.LockFile && !name.EndsWith("-shm", StringComparison.Ordinal))
            {
                File.Copy(file, System.IO.Path.Combine(copy.Path, name));
            }
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
