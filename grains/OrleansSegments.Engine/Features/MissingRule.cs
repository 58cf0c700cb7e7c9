namespace OrleansSegments.Engine.Features;

/// <summary>What stands in when a customer has no value of a feature.</summary>
public enum MissingRule
{
    /// <summary>A fixed value in natural units.</summary>
    Value,

    /// <summary>Days since the customer's first event: who never bought has not bought for as long as we know them.</summary>
    AccountAge,

    /// <summary>NaN, which asks the model to impute the population's centre (the scaled value 0).</summary>
    Mean,
}
