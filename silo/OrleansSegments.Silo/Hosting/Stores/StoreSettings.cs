using System.ComponentModel.DataAnnotations;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Reads and checks the store's options before the container exists: the store is opened first.</summary>
internal static class StoreSettings
{
    public const string Section = "Store";

    /// <summary>Whether a database holds the customers, and not files.</summary>
    public static bool IsPostgresql(IConfiguration configuration, StoreArguments arguments)
    {
        StoreSelectionOptions options = Read<StoreSelectionOptions>(configuration, o => o.Provider = (arguments.Provider ?? o.Provider).ToLowerInvariant());
        return options.Provider == StoreSelectionOptions.Postgresql;
    }

    public static SqliteStoreOptions ReadSqlite(IConfiguration configuration, string folder) =>
        Read<SqliteStoreOptions>(configuration, o => o.Folder = folder);

    public static PostgresStoreOptions ReadPostgres(IConfiguration configuration, StoreArguments arguments) =>
        Read<PostgresStoreOptions>(configuration, o => o.ConnectionString = arguments.ConnectionString ?? o.ConnectionString);

    private static T Read<T>(IConfiguration configuration, Action<T> overrule)
        where T : class, new()
    {
        var options = new T();
        configuration.GetSection(Section).Bind(options);
        overrule(options);
        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true)
            ? options
            : throw new CommandException(string.Join(
                Environment.NewLine, problems.Select(p => $"{Section}: {p.ErrorMessage} Set {Section}__{p.MemberNames.FirstOrDefault()} or edit appsettings.json.")));
    }
}
