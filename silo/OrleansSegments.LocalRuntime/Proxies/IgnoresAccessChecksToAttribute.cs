namespace System.Runtime.CompilerServices;

/// <summary>Known to the runtime by name: lets the emitted assembly use internal interfaces of the named one.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
