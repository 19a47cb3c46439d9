import { basename } from "node:path";

/** Maximum number of violations per existing file. It can only decrease; new files must have none. */
export type Baseline = Readonly<Record<string, number>>;

/** Result of comparing the violations found with the baseline. */
export interface Comparison {
  /** Files with more violations than the baseline allows. */
  readonly worse: readonly { readonly path: string; readonly found: number; readonly allowed: number }[];
  /** Files on the baseline that are clean or no longer exist. */
  readonly stale: readonly string[];
}

/** Allowed violations by path. A file that was moved keeps the number of its old path if its name identifies it. */
function allowances(baseline: Baseline, found: ReadonlyMap<string, number>, exists: (path: string) => boolean): Map<string, number> {
  const allowed = new Map(Object.entries(baseline));
  for (const [path, number] of Object.entries(baseline)) {
    if (exists(path)) continue;
    const moved = [...found.keys()].filter((other) => basename(other) === basename(path) && !allowed.has(other));
    if (moved.length !== 1 || moved[0] === undefined) continue;
    allowed.delete(path);
    allowed.set(moved[0], number);
  }
  return allowed;
}

/** Compares the violations of the checked files with the baseline. */
export function compare(
  baseline: Baseline,
  found: ReadonlyMap<string, number>,
  { exists, isChecked = () => true }: { exists: (path: string) => boolean; isChecked?: (path: string) => boolean },
): Comparison {
  const allowed = allowances(baseline, found, exists);
  return {
    worse: [...found]
      .map(([path, number]) => ({ path, found: number, allowed: allowed.get(path) ?? 0 }))
      .filter((one) => one.found > one.allowed),
    stale: [...allowed.keys()].filter((path) => !found.has(path) && (isChecked(path) || !exists(path))).sort(),
  };
}

/** The baseline with the current numbers. Clean files are removed; no number is ever raised. */
export function shrunk(
  baseline: Baseline,
  found: ReadonlyMap<string, number>,
  { exists, isChecked = () => true }: { exists: (path: string) => boolean; isChecked?: (path: string) => boolean },
): Baseline {
  const next = new Map<string, number>();
  for (const [path, number] of allowances(baseline, found, exists)) {
    const now = isChecked(path) ? found.get(path) : number;
    if (now !== undefined && exists(path)) next.set(path, Math.min(now, number));
  }
  return Object.fromEntries([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
}
