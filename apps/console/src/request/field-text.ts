import type { FormField } from "@weft/react";
import { valueText } from "../formats/values";

/** The label of a choice in place of its value. */
export function fieldText({ options }: FormField, value: unknown, locale: string): string {
  const label = (one: unknown): unknown => options.find((option) => option.value === one)?.label ?? one;
  return valueText(Array.isArray(value) ? value.map(label) : label(value), locale);
}
