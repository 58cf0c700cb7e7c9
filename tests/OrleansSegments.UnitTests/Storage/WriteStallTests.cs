using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class WriteStallTests
{
    [Fact]
    public void While_writes_stall_an_eighth_of_the_limits_may_wait()
    {
        var waiting = new WaitingWork(new CommitLimits(TimeSpan.Zero) { ChangesWaitingMax = 80 });
        waiting.Narrow(true);
        Assert.Equal(10, Entered(waiting));
        waiting.Narrow(false);
        Assert.Equal(70, Entered(waiting));
    }

    private static int Entered(WaitingWork waiting)
    {
        var count = 0;
        while (waiting.TryEnter(new PendingDeadlines(new DeadlineUpdate[1]), isLimited: true))
        {
            count++;
        }

        return count;
    }
}
