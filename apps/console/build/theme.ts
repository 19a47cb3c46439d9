import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from "@mantine/core";
import { theme } from "../src/design/theme.ts";
import { folder } from "./fingerprint.ts";

/**
 * Writes the variables of the theme as a style sheet. Mantine would add them to the page with a style element, which the content security policy
 * forbids.
 */
export function writeTheme(): void {
  const css = convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), ":root");
  writeFileSync(join(folder, "src/design/theme.generated.css"), css);
}
