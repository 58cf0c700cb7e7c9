namespace OrleansSegments.Silo.Imports;

/// <summary>Why a file as a whole cannot be imported.</summary>
public enum ImportFault
{
    FormatUnknown,
    FileMissing,
    FileIsDirectory,
    FileUnreadable,
    FileEmpty,
    GzipBroken,
    HeaderWrong,
    FileTooLarge,
    NothingToImport,
}
