using System.ComponentModel.DataAnnotations;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Storage;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Reads and checks the store's options before the container exists: the store is opened first.</summary>
internal static class StoreSettings
{
    public const string Section = "Store";

    public static SqliteStoreOptions Read(IConfiguration configuration, string folder)
    {
        var options = new SqliteStoreOptions();
        configuration.GetSection(Section).Bind(options);
        options.Folder = folder;
        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true)
            ? options
            : throw new CommandException(string.Join(
                Environment.NewLine, problems.Select(p => $"{Section}: {p.ErrorMessage} Set {Section}__{p.MemberNames.FirstOrDefault()} or edit appsettings.json.")));
    }
}
