namespace OrleansSegments.ClientApi.Health;

internal sealed record HealthAnswer(string Status, string[] Reasons);
