import type { MessageDescriptor } from "@lingui/core";

/** A condition that a list can be filtered by, as its chip and its editor show it. */
export interface FilterField {
  readonly title: MessageDescriptor;
  /** How its values are chosen. Those of `objects` are IDs, which the user pastes. */
  readonly kind: "choice" | "types" | "states" | "people" | "workers" | "buildings" | "objects" | "dates" | "text";
  readonly choices?: Readonly<Record<string, MessageDescriptor>>;
  /** Whether its dates are in the future. Default: in the past */
  readonly isOfFuture?: boolean;
  /** Whether only links set it: the menu does not offer it. */
  readonly isOfLinks?: boolean;
  /** Permission without which its values could not be chosen. */
  readonly permission?: string;
}

export interface FilterValue {
  readonly isNegated: boolean;
  readonly values: readonly string[];
}

/** Values are separated by commas. A comma within a text separates it, too. */
export function parseValue(text: string): FilterValue {
  const isNegated = text.startsWith("!");
  const values = text
    .slice(isNegated ? 1 : 0)
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
  return { isNegated, values };
}

export const writeValue = ({ isNegated, values }: FilterValue): string | undefined =>
  values.length === 0 ? undefined : `${isNegated ? "!" : ""}${values.join(",")}`;
