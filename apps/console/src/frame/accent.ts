import { darken, lighten, luminance } from "@mantine/core";

/** WCAG 2.2, 1.4.3. */
const enough = 4.5;
/** The lightest and the darkest background of texts in light and in dark colors: see tokens.css. */
const light = ["#ffffff", "#f3f0e9"];
const dark = ["#22201d", "#161513"];

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Returns the color as near to the given one as it can be read on the backgrounds. */
function readable(color: string, backgrounds: readonly string[], change: (color: string, by: number) => string): string {
  const steps = Array.from({ length: 21 }, (_, step) => change(color, step / 20));
  return steps.find((one) => backgrounds.every((background) => contrast(one, background) >= enough)) ?? change(color, 1);
}

/** Returns the variables of the design for a color that an organization has chosen, whatever it is: all texts can be read. */
export function accentVariables(color: string): Readonly<Record<string, string>> {
  const washes = { light: lighten(color, 0.9), dark: darken(color, 0.8) };
  const ofLight = readable(color, [...light, washes.light], darken);
  const ofDark = readable(color, [...dark, washes.dark], lighten);
  // White is written on it, in light and in dark colors.
  const filled = readable(color, ["#ffffff"], darken);
  const darkest = darken(filled, 0.25);
  const shades = Array.from({ length: 8 }, (_, shade) => [`--mantine-color-weft-${shade}`, lighten(filled, 0.9 - shade * 0.11)]);
  return {
    ...(Object.fromEntries(shades) as Record<string, string>),
    "--mantine-color-weft-8": filled,
    "--mantine-color-weft-9": darkest,
    "--mantine-color-weft-light": `light-dark(var(--mantine-color-weft-1), ${darken(darkest, 0.5)})`,
    "--mantine-color-weft-light-hover": `light-dark(var(--mantine-color-weft-2), ${darken(darkest, 0.3)})`,
    "--accent": `light-dark(${ofLight}, ${ofDark})`,
    "--accent-wash": `light-dark(${washes.light}, ${washes.dark})`,
  };
}
