using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// A lane's database connection, opened on demand. A commit takes two round trips: the customers, checked against version and segment; then
/// everything else of the accepted ones, and COMMIT.
/// </summary>
internal sealed class CommitConnection(PostgresContext context)
{
    private const int SlotsMax = 64;

    // The advisory lock ends with the session, so a slot is free again as soon as its writer is gone.
    private const string TakeSlot =
        """
        SELECT slot FROM generate_series(0, 63) slot
        WHERE pg_try_advisory_lock(hashtext('OrleansSegments slots ' || current_setting('search_path')), slot) LIMIT 1
        """;

    private NpgsqlConnection? _open;
    private volatile bool _isAbandoned;

    // The slot of the totals that this session updates. Two sessions with the same slot would only wait for each other.
    private int _slot;

    public bool IsOpen => _open is { FullState: System.Data.ConnectionState.Open };

    /// <summary>True when a failed commit is known not to be durable: COMMIT was not sent, so a lost connection rolls it back.</summary>
    public bool IsUndone { get; private set; }

    /// <summary>Set when nobody waits for the running commit any more: it is rolled back unless COMMIT was already sent.</summary>
    public bool IsAbandoned
    {
        get => _isAbandoned;
        set => _isAbandoned = value;
    }

    public async Task OpenAsync()
    {
        if (IsOpen)
        {
            return;
        }

        await DropAsync();
        var connection = await context.Database.OpenAsync(CancellationToken.None);
        try
        {
            await connection.RunAsync("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'", []);
            _slot = await connection.AskAsync(TakeSlot, []) is int slot ? slot : connection.ProcessID % SlotsMax;
            _open = connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the batch durable and marks refused chains; an empty batch tests whether the database accepts commits.</summary>
    public async Task<CommitReceipt> CommitAsync(CommitBatch batch)
    {
        IsUndone = false;
        try
        {
            await OpenAsync();
            IsUndone = true;
            context.Fault(StoreStep.CommitChecked);
            await WriteCustomersAsync(batch.Chains);
            context.Fault(StoreStep.CommitWritten);
            if (IsAbandoned)
            {
                throw new TimeoutException("The commit took too long and was abandoned.");
            }

            IsUndone = false;
            return await EndAsync(batch);
        }
        catch (Exception failure)
        {
            await RollBackAsync(failure);
            throw;
        }
    }

    public async Task DropAsync()
    {
        var dropped = _open;
        _open = null;
        try
        {
            await (dropped?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            // The driver rolls back an open transaction, which fails when the session or the server is gone.
            context.Logger.LogDebug(failure, "Closing an abandoned connection failed");
        }
    }

    private async Task WriteCustomersAsync(CustomerChain[] chains)
    {
        foreach (var chain in chains)
        {
            chain.IsRefused = false;
        }

        await using var write = new NpgsqlBatch(_open) { BatchCommands = { CommitStatements.Begin() } };
        var known = chains.Count(static chain => !chain.IsNew);
        if (known > 0)
        {
            write.BatchCommands.Add(CommitStatements.Update(chains.AsSpan(0, known)));
        }

        if (known < chains.Length)
        {
            write.BatchCommands.Add(CommitStatements.Insert(chains.AsSpan(known)));
        }

        if (Math.Max(0, await write.ExecuteNonQueryAsync()) < chains.Length)
        {
            await using var find = new NpgsqlBatch(_open) { BatchCommands = { CommitStatements.Refused(chains) } };
            await using var refused = await find.ExecuteReaderAsync();
            while (await refused.ReadAsync())
            {
                chains[refused.GetInt32(0)].IsRefused = true;
            }
        }
    }

    // When this fails the outcome is unknown.
    private async Task<CommitReceipt> EndAsync(CommitBatch batch)
    {
        await using var end = new NpgsqlBatch(_open);
        if (batch.Deadlines.Count > 0)
        {
            end.BatchCommands.Add(CommitStatements.Deadlines(batch.Deadlines));
        }

        var (receipt, transitions, messages, traits) = batch.Accepted();
        if (messages.Length > 0)
        {
            end.BatchCommands.Add(CommitStatements.Messages(messages));
        }

        if (traits.Length > 0)
        {
            end.BatchCommands.Add(CommitStatements.Traits(traits));
        }

        end.BatchCommands.Add(CommitStatements.Log(_slot, receipt.LatestOccurredAtMilliseconds, transitions));
        end.BatchCommands.Add(CommitStatements.Commit());
        await end.ExecuteNonQueryAsync();
        return receipt;
    }

    private async Task RollBackAsync(Exception reason)
    {
        try
        {
            if (PostgresProblem.IsReadOnlySession(reason))
            {
                context.Database.RenewSessions();
            }
            else if (IsOpen && PostgresProblem.IsExpected(reason))
            {
                await _open!.RunAsync("ROLLBACK", []);
                return;
            }
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            context.Logger.LogDebug(failure, "A transaction could not be rolled back; its connection is closed");
        }

        await DropAsync();
    }
}
