/** Resolves the parts of a form that are known before anybody has answered: conditions with all known values inserted. */
import type { Context } from "../conditions/context.js";
import { pathsOf, pathsOfOperand } from "../conditions/paths.js";
import { truthOf, valueOf } from "../conditions/truth.js";
import { withWork } from "../conditions/work.js";
import type { CompareOp, Condition, Operand } from "../model/condition.js";
import type { Json } from "../model/json.js";
import type { Form, FormField } from "../model/form.js";

/** Three-valued, like conditions: null is neither true nor false, because a value is absent. What remains are comparisons with answers. */
export type Resolved =
  | boolean
  | null
  | { readonly op: CompareOp; readonly left: Operand; readonly right: Operand }
  | { readonly op: "has"; readonly path: readonly string[] }
  | Extract<Condition, { op: "exists" | "all" }>
  | { readonly op: "and" | "or"; readonly args: readonly Resolved[] }
  | { readonly op: "not"; readonly arg: Resolved };

export type ResolvedField = {
  readonly field: FormField;
  /** true: always; otherwise it depends on answers to the fields above. */
  readonly visible: Resolved;
  readonly required: Resolved;
};

export type ResolvedForm = {
  /** Without fields that no answer makes visible. */
  readonly fields: readonly ResolvedField[];
  readonly checks: readonly { readonly holds: Resolved; readonly message: string }[];
};

/** null instead of a context: no instance is known. Without `transition` in it: the transition has not been chosen yet. */
export function resolveForm(form: Form, context: Context | null): ResolvedForm {
  const hidden = new Set<string>();
  const fields: ResolvedField[] = [];
  const isKnown = ([root = "", name]: readonly string[]): boolean => {
    if (root === "input") return name !== undefined && hidden.has(name);
    return context !== null && (root !== "transition" || Object.hasOwn(context, root));
  };
  // A field that is not requested is absent.
  const known: Known = { isKnown, context: withWork({ ...context, input: {} }) };
  for (const field of form.fields) {
    const visible = field.visible === true ? true : resolve(field.visible, known);
    if (canBe(visible, true))
      fields.push({ field, visible, required: typeof field.required === "boolean" ? field.required : resolve(field.required, known) });
    else hidden.add(field.name);
  }
  return { fields, checks: form.checks.map(({ holds, message }) => ({ holds: resolve(holds, known), message })) };
}

type Known = { readonly isKnown: (path: readonly string[]) => boolean; readonly context: Context };

function resolve(condition: Condition, known: Known): Resolved {
  if (condition.op === "not") {
    const arg = resolve(condition.arg, known);
    if (typeof arg === "boolean") return !arg;
    return arg === null ? null : { op: "not", arg };
  }
  if ("args" in condition)
    return combined(
      condition.op,
      condition.args.map((arg) => resolve(arg, known)),
    );
  if (pathsOf(condition).every(known.isKnown)) return truthOf(condition, known.context);
  if (!("left" in condition)) return condition;
  const { op } = condition;
  const [left, right] = [settled(condition.left, known), settled(condition.right, known)];
  if ((left && left.value === undefined) || (right && right.value === undefined)) return null;
  return {
    op,
    left: left ? { value: left.value as Json } : condition.left,
    right: right ? { value: right.value as Json } : condition.right,
  };
}

/** Returns the value if it does not depend on an answer; otherwise null. */
const settled = (operand: Operand, { isKnown, context }: Known): { readonly value: unknown } | null =>
  pathsOfOperand(operand).every(isKnown) ? { value: valueOf(operand, context) } : null;

/** false decides `and`, true decides `or`; operands that change nothing are omitted. */
function combined(op: "and" | "or", all: readonly Resolved[]): Resolved {
  const deciding = op === "or";
  if (all.includes(deciding)) return deciding;
  const args = all.filter((arg) => arg !== !deciding);
  if (args.length === 0) return !deciding;
  if (args.every((arg) => arg === null)) return null;
  return args.length === 1 ? (args[0] ?? null) : { op, args };
}

/** Whether some answers could give this result. */
function canBe(resolved: Resolved, wanted: boolean): boolean {
  if (typeof resolved === "boolean" || resolved === null) return resolved === wanted;
  if (resolved.op === "not") return canBe(resolved.arg, !wanted);
  if (!("args" in resolved)) return true;
  // For `and` to be true, all operands must be true; for it to be false, one false operand is enough. `or` is the reverse.
  const needsAll = (resolved.op === "and") === wanted;
  return needsAll ? resolved.args.every((arg) => canBe(arg, wanted)) : resolved.args.some((arg) => canBe(arg, wanted));
}
