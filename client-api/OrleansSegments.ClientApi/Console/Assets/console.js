// What pages need of the browser: charts, the theme, and copying.
(() => {
  const charts = new Map();
  const cookie = "segments-theme";

  const base = dark => ({
    backgroundColor: "transparent",
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif", color: dark ? "#e7eaf3" : "#1d2333" },
  });

  const segments = {
    drawChart(element, json, dark) {
      if (!element || !window.echarts) return;
      let chart = charts.get(element);
      if (chart && chart.dark !== dark) {
        segments.removeChart(element);
        chart = undefined;
      }
      if (!chart) {
        const made = echarts.init(element, dark ? "dark" : null, { renderer: "canvas" });
        const resize = new ResizeObserver(() => made.resize());
        resize.observe(element);
        made.on("click", point => point.data && point.data.href && Blazor.navigateTo(point.data.href));
        chart = { made, resize, dark };
        charts.set(element, chart);
      }
      chart.made.setOption({ ...base(dark), ...JSON.parse(json) }, { replaceMerge: ["series"] });
    },

    removeChart(element) {
      const chart = charts.get(element);
      if (chart) {
        chart.resize.disconnect();
        chart.made.dispose();
        charts.delete(element);
      }
    },

    started() {
      segments.isLive = true;
      const chosen = document.cookie.split("; ").find(part => part.startsWith(cookie + "="));
      const dark = chosen ? chosen.endsWith("=dark") : matchMedia("(prefers-color-scheme: dark)").matches;
      segments.setDark(dark);
      return dark;
    },

    setDark(dark) {
      document.cookie = `${cookie}=${dark ? "dark" : "light"}; path=/; max-age=31536000; samesite=strict`;
      document.documentElement.dataset.theme = dark ? "dark" : "light";
    },

    copy: text => navigator.clipboard.writeText(text),
  };

  window.segments = segments;
})();
