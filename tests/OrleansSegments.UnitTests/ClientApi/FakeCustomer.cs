using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>A customer that is known, or not.</summary>
internal sealed class FakeCustomer(string id, bool known) : ICustomerGrain
{
    private static readonly MembershipView Membership = new("s2", "big spenders", TestTime.Noon.AddDays(-3), 4);

    public int HistoryLimit { get; private set; }

    public ValueTask<RecordReceipt> Record(RecordRequest request) => throw new NotSupportedException();

    public ValueTask<ReconsiderReceipt> Reconsider(ReconsiderReason reason) => throw new NotSupportedException();

    public ValueTask<CustomerView?> View() => ValueTask.FromResult(known
        ? new CustomerView(
            id,
            Membership,
            TestTime.Noon,
            TestTime.Noon.AddDays(-30),
            TestTime.Noon.AddDays(-1),
            17,
            new Dictionary<string, double> { ["spend"] = 12.5, ["gap"] = double.NaN },
            """{"city":"Köln"}"""u8.ToArray())
        : null);

    public ValueTask<CustomerExplanation?> Explain() => ValueTask.FromResult(known
        ? new CustomerExplanation(
            id,
            TestTime.Noon,
            Membership,
            "s3",
            "s3",
            0.1,
            0.15,
            [new SegmentDistance("s2", "big spenders", 1.5)],
            [new FeatureContribution("spend", 12.5, 1.0, 0.9, 0.2, 0.6)],
            Transition(5),
            TestTime.Noon.AddDays(2))
        : null);

    public ValueTask<TransitionView[]> History(int limit)
    {
        HistoryLimit = limit;
        return ValueTask.FromResult<TransitionView[]>(known ? [Transition(5)] : []);
    }

    private TransitionView Transition(long sequence) => new(sequence, id, null, "s2", "event", 4, TestTime.Noon);
}
