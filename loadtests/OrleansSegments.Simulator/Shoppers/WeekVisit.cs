namespace OrleansSegments.Simulator.Shoppers;

/// <param name="Day">The simulated day.</param>
/// <param name="AtTicks">When it begins, UTC.</param>
/// <param name="EndsInOrder">Whether something is bought.</param>
internal readonly record struct WeekVisit(int Day, long AtTicks, bool EndsInOrder);
