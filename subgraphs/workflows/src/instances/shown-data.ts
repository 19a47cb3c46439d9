import { hiddenFromVendors } from "@weft/engine";

/** Returns the properties of the data, or of a change of it, that a user sees. */
export function shownData(
  data: Record<string, unknown>,
  { subjectType, vendorId }: { readonly subjectType: string | null; readonly vendorId: string | null },
): Record<string, unknown> {
  const hidden = vendorId === null || subjectType === null ? undefined : hiddenFromVendors[subjectType];
  return hidden ? Object.fromEntries(Object.entries(data).filter(([name]) => !hidden.includes(name))) : data;
}
