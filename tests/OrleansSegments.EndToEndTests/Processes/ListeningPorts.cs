using System.Globalization;

namespace OrleansSegments.EndToEndTests.Processes;

/// <summary>The TCP ports that a process listens on, as Linux lists them; a test that asks elsewhere is skipped.</summary>
internal static class ListeningPorts
{
    private const string Listening = "0A";
    private const string SocketPrefix = "socket:[";

    public static int[] Of(int processId)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux lists the sockets of a process under /proc.");
        HashSet<string> own = [.. Directory.GetFiles($"/proc/{processId}/fd")
            .Select(file => new FileInfo(file).LinkTarget)
            .Where(target => target?.StartsWith(SocketPrefix, StringComparison.Ordinal) == true)
            .Select(target => target![SocketPrefix.Length..^1])];
        return [.. Rows(processId).Where(row => row.State == Listening && own.Contains(row.Inode)).Select(row => row.Port).Distinct().Order()];
    }

    /// <summary>The columns of /proc/net/tcp: number, local address, remote address, state, queues, timer, retransmits, user, time-out, inode.</summary>
    private static IEnumerable<(int Port, string State, string Inode)> Rows(int processId) =>
        from table in (string[])["tcp", "tcp6"]
        from line in File.ReadLines($"/proc/{processId}/net/{table}").Skip(1)
        let columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (int.Parse(columns[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), columns[3], columns[9]);
}
