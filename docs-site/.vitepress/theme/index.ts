// Without fonts: the system's are good, and two hundred kilobytes less to load.
import type { DefaultTheme, Theme } from "vitepress";
import theme from "vitepress/theme-without-fonts";
import "./colors.css";
import "./diagrams.css";
import { guidesFirst } from "./guides-first.ts";

const weftTheme: Theme = {
  extends: theme,
  enhanceApp({ siteData }) {
    const { search } = siteData.value.themeConfig as DefaultTheme.Config;
    if (search?.provider === "local") search.options = { ...search.options, miniSearch: { searchOptions: guidesFirst } };
  },
};

export default weftTheme;
