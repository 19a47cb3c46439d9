import { createTheme, Menu } from "@mantine/core";

/** Contrast of white on the primary color, and of texts in general, is at least 4.5 (WCAG 2.2, 1.4.3). */
export const theme = createTheme({
  primaryColor: "weft",
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  luminanceThreshold: 0.3,
  defaultRadius: "sm",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  cursorType: "pointer",
  // The placeholder is a child that menus must not have (WAI-ARIA). Without it, the first item gets the focus.
  components: { Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }) },
  colors: {
    weft: ["#fdf0f9", "#f8d9ee", "#f0afdc", "#e882c9", "#e15db9", "#dd44ae", "#dc35a9", "#c32694", "#a91c80", "#930e72"],
  },
});
