using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Postgres.Totals;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// The thread that looks around at every interval: at the totals and deadlines that other silos move, at whether the schema is still ours,
/// at who keeps the transition log from being read, and at messages of days that are over.
/// </summary>
internal sealed class StoreWatch(PostgresContext context, TotalsRefresh totals, DeadlineLook deadlines, SchemaOwnership ownership, HorizonWatch horizon, MessageDays messages)
    : IDisposable
{
    private readonly ManualResetEventSlim _isDue = new();
    private ITimer? _timer;
    private Thread? _thread;
    private bool _isClosed;
    private bool _isFailing;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "store watch" };
        _thread.Start();
        var interval = context.Options.TotalsInterval;
        _timer = context.Time.CreateTimer(static state => ((StoreWatch)state!)._isDue.Set(), this, interval, interval);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        Volatile.Write(ref _isClosed, true);
        _isDue.Set();
        _thread?.Join();
        _isDue.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _isDue.Wait();
            _isDue.Reset();
            if (Volatile.Read(ref _isClosed))
            {
                return;
            }

            Look();
        }
    }

    private void Look()
    {
        try
        {
            ownership.Keep();
            totals.Refresh();
            deadlines.LookIfDue();
            horizon.Look(ownership.Session);
            messages.EmptyIfDue(ownership.Session);
            _isFailing = false;
        }
        catch (StoreException taken)
        {
            context.Condition.Fatal($"{taken.Message} This silo lost the schema while it could not reach the server, and writes nothing more.");
            context.Logger.LogCritical(taken, "{Problem}", context.Condition.Problem);
        }
        catch (Exception failure)
        {
            // Whatever it is, the next look may succeed; without looks a silo would not see what the others do.
            if (!_isFailing)
            {
                context.Logger.LogWarning(failure, "{Problem}", context.Database.Explain(failure));
            }

            _isFailing = true;
        }
    }
}
