import { parseArgs } from "node:util";

export const migrateUsage = `Usage: pnpm migrate                 applies all migrations, functions, triggers and policies
       pnpm migrate down [COUNT]    undoes the last COUNT numbered migrations (default 1)`;

export type MigrateArguments = { readonly direction: "up" } | { readonly direction: "down"; readonly count: number };

/** Reads the arguments of `pnpm migrate`. Returns undefined if they do not match the usage. */
export function parseMigrateArguments(args: readonly string[]): MigrateArguments | undefined {
  // Options are refused too, because there are none.
  const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, strict: false });
  const [direction, count = "1", ...others] = positionals;
  if (others.length > 0 || Object.keys(values).length > 0) return undefined;
  if (direction === undefined) return { direction: "up" };
  return direction === "down" && /^[1-9]\d{0,3}$/.test(count) ? { direction, count: Number(count) } : undefined;
}
