import { dayText } from "./days";
import { numberText } from "./numbers";
import { dateText } from "./times";

/** Returns a name of the data as words: `estimatedCost` → `Estimated cost`. */
export function words(name: string): string {
  const text = name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Returns a value of an object's data as text. */
export function valueText(value: unknown, locale: string): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "✓" : "–";
  if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value)) return dayText(value, locale);
  if (typeof value === "string" && isTime.test(value)) return dateText(value, locale);
  if (typeof value === "number") return numberText(value, locale);
  if (Array.isArray(value)) return value.map((one) => valueText(one, locale)).join(", ") || "–";
  if (typeof value === "object")
    return Object.values(value)
      .map((one) => valueText(one, locale))
      .join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

const sizes = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Returns the size of a file: `1.2 MB`. */
export function bytesText(bytes: number, locale: string): string {
  const at = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), sizes.length - 1);
  return numberText(bytes / 1000 ** at, locale, { style: "unit", unit: sizes[at] ?? "byte", maximumFractionDigits: 1 });
}
