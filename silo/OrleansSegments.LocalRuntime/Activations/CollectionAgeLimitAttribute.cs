using System.Diagnostics.CodeAnalysis;

namespace Orleans;

/// <summary>How long an activation of this class may be idle before it is collected. Ages given as numbers are at least one minute.</summary>
[AttributeUsage(AttributeTargets.Class)]
[SuppressMessage("Performance", "CA1813:Avoid unsealed attributes", Justification = "The signature is Orleans' own.")]
public class CollectionAgeLimitAttribute : Attribute
{
    public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

    private readonly TimeSpan? _exact;

    public CollectionAgeLimitAttribute()
    {
    }

    public CollectionAgeLimitAttribute(string inactivityPeriod) => _exact = TimeSpan.Parse(inactivityPeriod);

    public double Days { get; set; }

    public double Hours { get; set; }

    public double Minutes { get; set; }

    public bool AlwaysActive { get; set; }

    public TimeSpan AgeLimit
    {
        get
        {
            if (AlwaysActive)
            {
                return Timeout.InfiniteTimeSpan;
            }

            var given = TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
            return _exact ?? (given < MinAgeLimit ? MinAgeLimit : given);
        }
    }
}
