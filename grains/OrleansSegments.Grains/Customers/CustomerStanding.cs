using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// What is known of a customer beside the encoded state: the numbers of a <see cref="CustomerRecord"/>, which says what each means. A value, so
/// that a grain holds it without an object. The default is a customer without a record.
/// </summary>
public readonly record struct CustomerStanding(
    long Version, int SegmentId, int ModelVersion, long SegmentSinceMilliseconds, int SettledSegmentId, int SettledHour)
{
    /// <summary>Whether there is a record.</summary>
    public bool Exists => Version > 0;

    public static CustomerStanding Of(CustomerRecord? record) => record is null
        ? default
        : new(record.Version, record.SegmentId, record.ModelVersion, record.SegmentSinceMilliseconds, record.SettledSegmentId, record.SettledHour);

    /// <summary>The record with this standing and a state that nobody changes any more.</summary>
    public CustomerRecord With(byte[] state) =>
        new(Version, SegmentId, ModelVersion, SegmentSinceMilliseconds, SettledSegmentId, SettledHour, state);
}
