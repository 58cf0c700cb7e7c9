using Orleans.Dashboard;
using OrleansSegments.ClientApi.Console;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Orleans' own dashboard, for admins of the console, where it is switched on.</summary>
internal static class OrleansDashboard
{
    public static bool IsOn(IConfiguration configuration) => configuration.GetValue<bool>($"{ClientApiOptions.SectionName}:{nameof(ClientApiOptions.OrleansDashboard)}");

    public static void MapOrleansDashboardIfOn(this WebApplication app)
    {
        if (IsOn(app.Configuration))
        {
            app.MapOrleansDashboard(ConsoleLink.OrleansDashboardPath).RequireAuthorization(ConsoleLink.AdminPolicy);
        }
    }
}
