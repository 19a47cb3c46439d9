import type { Fixture } from "../fixture.js";
import { inputTypeOf } from "../../input-type.js";

export { fresh } from "../../fresh.js";

export type HasId = { readonly id: string };

/** Creates an object as the administrator with the given mutation. `type` is the name of its field in the payload. */
export async function create<T>(
  { admin }: Pick<Fixture, "admin">,
  mutation: string,
  type: string,
  input: Record<string, unknown>,
): Promise<T> {
  const inputType = inputTypeOf(mutation);
  const operation = `mutation ($input: ${inputType}!) { ${mutation}(input: $input) { ${type} { id } } }`;
  const data = await admin.run<Record<string, Record<string, T>>>(operation, { input });
  return (data[mutation] as Record<string, T>)[type] as T;
}
