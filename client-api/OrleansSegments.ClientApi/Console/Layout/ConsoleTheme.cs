using MudBlazor;

namespace OrleansSegments.ClientApi.Console.Layout;

/// <summary>The colours of the components; those of the pages' own elements are in console.css. Text has a contrast of 4.5 and more on both.</summary>
internal static class ConsoleTheme
{
    private static readonly string[] Fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight { Primary = "#3d4fb5", Secondary = "#a3346f", Background = "#f6f7fb", Surface = "#ffffff", TextPrimary = "#1d2333", TextSecondary = "#565f77" },
        PaletteDark = new PaletteDark { Primary = "#a9b6ff", Secondary = "#f2a0cd", Background = "#11141d", Surface = "#1a1f2c", TextPrimary = "#e7eaf3", TextSecondary = "#a8b0c4" },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = Fonts } },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
    };
}
