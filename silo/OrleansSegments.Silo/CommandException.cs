namespace OrleansSegments.Silo;

/// <summary>Thrown when a command cannot do what was asked; the message says what, why and the cure.</summary>
public class CommandException(string message, Exception? cause = null) : Exception(message, cause);
