import type { Tx } from "@weft/platform/db";
import type { OnceCall } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";

type Forms = Required<Pick<OnceCall, "input" | "otherForms">>;

/**
 * Returns the forms of an input that is bound to an idempotency key, with blind indexes in place of the texts that an automation is started with. Any of
 * them can be a secret input: a plain hash would be stored with the key, and short values can be found by trying. What the definition says is not
 * asked, because it can change before the call is repeated.
 */
export async function keyedInputs<Name extends string>(
  tx: Tx,
  { services: { secrets }, viewer: { tenantId } }: Pick<Context, "services" | "viewer">,
  name: Name,
  input: { readonly [name in Name]?: unknown },
): Promise<Forms> {
  const values: unknown = input[name];
  if (typeof values !== "object" || values === null) return { input, otherForms: [] };
  const entries: readonly (readonly [string, unknown])[] = Object.entries(values);
  const texts = entries.flatMap(([member, value]) =>
    typeof value === "string" ? [{ indexedAs: `workflows.runs.secret_inputs/${member}`, value }] : [],
  );
  if (texts.length === 0) return { input, otherForms: [] };
  const indexes = await secrets.currentBlindIndexes(tx, tenantId, texts);
  const formOf = (key: number): object => {
    const left = [...indexes];
    const shown = entries.map(([member, value]): readonly [string, unknown] => [
      member,
      typeof value === "string" ? { index: left.shift()?.[key] } : value,
    ]);
    return { ...input, [name]: Object.fromEntries(shown) as object };
  };
  const forms = (indexes[0] ?? []).map((_index, key) => formOf(key));
  // The plain form is that of starts that were written in a batch, which have no secret inputs.
  return { input: forms[0] ?? input, otherForms: [...forms.slice(1), input] };
}
