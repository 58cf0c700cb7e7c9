namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>A data folder of its own for one test, removed at the end.</summary>
public sealed class TestFolder : IDisposable
{
    private const int CopyAttemptsMax = 500;

    public string Path { get; } = Directory.CreateTempSubdirectory("segments-").FullName;

    /// <summary>
    /// Copies the folder as a kill at this instant would leave it. A copy during which the store wrote (a concurrent flush) is not
    /// consistent and is repeated.
    /// </summary>
    public TestFolder Copy()
    {
        for (var attempt = 0; attempt < CopyAttemptsMax; attempt++)
        {
            var copy = new TestFolder();
            if (TryCopyTo(copy))
                return copy;

            copy.Dispose();
        }

        throw new InvalidOperationException($"{Path} was written during each of {CopyAttemptsMax} copies.");
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private bool TryCopyTo(TestFolder copy)
    {
        try
        {
            var before = Look();
            foreach (var (file, _, _) in before)
            {
                var target = System.IO.Path.Combine(copy.Path, System.IO.Path.GetRelativePath(Path, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            return before.SequenceEqual(Look());
        }
        catch (FileNotFoundException)
        {
            // The store deleted an obsolete file.
            return false;
        }
    }

    // Locks end with their process.
    private (string File, long Length, DateTime WrittenAt)[] Look() =>
    [
        .. Directory.GetFiles(Path, "*", SearchOption.AllDirectories)
            .Where(file => System.IO.Path.GetFileName(file) is not ("store.lock" or "store.holder" or "LOCK"))
            .Order(StringComparer.Ordinal)
            .Select(file => (file, new FileInfo(file).Length, File.GetLastWriteTimeUtc(file))),
    ];
}
