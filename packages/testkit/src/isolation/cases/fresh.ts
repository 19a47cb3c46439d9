import { seedOperations } from "@weft/standalone";
import type { World } from "../world.js";

let made = 0;
/** Unique within the run. */
export const fresh = (prefix: string): string => `${prefix}-${++made}`;

export type HasId = { readonly id: string };

/** What the administrator makes by one of the seed's operations; `type` is its field in the payload. */
export async function create<T>(
  { admin }: World,
  operation: keyof typeof seedOperations,
  type: string,
  input: Record<string, unknown>,
): Promise<T> {
  const data = await admin.run<Record<string, Record<string, T>>>(seedOperations[operation], { input });
  return (data[operation] as Record<string, T>)[type] as T;
}
