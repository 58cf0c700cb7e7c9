using Orleans.Runtime;

namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>
/// The response deadlines of all calls in flight: linked lists through the calls themselves, swept coarsely. A call costs two
/// short locks on a shard of its thread's choice and no timer; a sweep costs a look at every call in flight.
/// </summary>
internal sealed class CallDeadlines
{
    private const int ShardCount = 16;

    private const string Stopped = "The silo has stopped; whether the grain did what the call asked for is unknown.";

    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard())];
    private volatile bool _isClosed;

    public void Add(TimedCall call, long dueAt)
    {
        var index = Environment.CurrentManagedThreadId & (ShardCount - 1);
        var shard = _shards[index];
        lock (shard)
        {
            call.Shard = index;
            call.DueAt = dueAt;
            call.Next = shard.First;
            if (shard.First is not null)
            {
                shard.First.Previous = call;
            }

            shard.First = call;
        }

        if (_isClosed)
        {
            call.Fail(new SiloUnavailableException(Stopped));
        }
    }

    public void Remove(TimedCall call)
    {
        // Read once: a sweep on another thread may be taking the call out.
        var index = call.Shard;
        if (index < 0)
        {
            return;
        }

        var shard = _shards[index];
        lock (shard)
        {
            Unlink(shard, call);
        }
    }

    /// <summary>Fails every call whose deadline has passed.</summary>
    public void Sweep(long now)
    {
        // Outside the locks: completing a call removes it from its shard.
        foreach (var call in DueBy(now))
        {
            call.TimeOut();
        }
    }

    /// <summary>Fails every call there is and will be: nobody watches the time any more.</summary>
    public void Close()
    {
        _isClosed = true;
        foreach (var call in DueBy(long.MaxValue))
        {
            call.Fail(new SiloUnavailableException(Stopped));
        }
    }

    private List<TimedCall> DueBy(long now)
    {
        List<TimedCall> due = [];
        foreach (var shard in _shards)
        {
            lock (shard)
            {
                for (var call = shard.First; call is not null; call = call.Next)
                {
                    if (call.DueAt <= now)
                    {
                        due.Add(call);
                    }
                }
            }
        }

        return due;
    }

    private static void Unlink(Shard shard, TimedCall call)
    {
        if (call.Shard < 0)
        {
            return;
        }

        call.Shard = -1;
        if (call.Previous is null)
        {
            shard.First = call.Next;
        }
        else
        {
            call.Previous.Next = call.Next;
        }

        if (call.Next is not null)
        {
            call.Next.Previous = call.Previous;
        }

        call.Previous = null;
        call.Next = null;
    }

    private sealed class Shard
    {
        public TimedCall? First { get; set; }
    }
}
