namespace Orleans;

/// <summary>Marks a message or state type. In one process messages are handed over by reference, so it has no effect here.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;
