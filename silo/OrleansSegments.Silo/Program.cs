using System.CommandLine;
using OrleansSegments.Silo.CommandLine;

var root = new RootCommand("OrleansSegments: live customer segments. Every command has --help.")
{
    UpCommand.Create(),
    ApiCommand.Create(),
    DemoCommand.Create(),
    ImportCommand.Create(),
    LoadCommand.Create(),
};

return await CommandRunner.RunAsync(root, args);
