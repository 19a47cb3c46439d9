import type { SecretName } from "../settings.js";

type Values = ReadonlyMap<SecretName, string>;

interface CheckedValues {
  readonly accepted: Values;
  /** Reasons. */
  readonly refused: ReadonlyMap<SecretName, string>;
}

interface CheckOptions {
  readonly inUse: Values;
  /** Settings that are only replaced together with this one. */
  readonly together: (name: SecretName) => readonly SecretName[];
  /** Returns what is wrong with values. */
  readonly problemsOf: (values: Values) => readonly string[];
}

/** Returns which replaced values can be used. A mistake in one keeps only those back that are used together with it. */
export function checkedValues(changed: Values, { inUse, together, problemsOf }: CheckOptions): CheckedValues {
  if (problemsOf(new Map([...inUse, ...changed])).length === 0) return { accepted: changed, refused: new Map() };
  const accepted = new Map<SecretName, string>();
  let waiting = groupsOf(changed, together);
  // A group can be right only after another one, so all are tried until none is accepted any more.
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length;
    waiting = waiting.filter((group) => {
      if (problemsOf(new Map([...inUse, ...accepted, ...group])).length > 0) return true;
      for (const [name, value] of group) accepted.set(name, value);
      return false;
    });
  }
  const refused = new Map<SecretName, string>();
  for (const group of waiting) {
    const problems = problemsOf(new Map([...inUse, ...accepted, ...group]));
    for (const name of group.keys()) {
      const own = problems.filter((problem) => problem.startsWith(`${name}:`));
      refused.set(name, (own.length > 0 ? own : problems).join("; "));
    }
  }
  return { accepted, refused };
}

function groupsOf(changed: Values, together: CheckOptions["together"]): Values[] {
  const left = new Map(changed);
  const groups: Values[] = [];
  for (const first of changed.keys()) {
    const group = new Map<SecretName, string>();
    const names: SecretName[] = [first];
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const value = left.get(name);
      if (value === undefined) continue;
      left.delete(name);
      group.set(name, value);
      names.push(...together(name));
    }
    if (group.size > 0) groups.push(group);
  }
  return groups;
}
