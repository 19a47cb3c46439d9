/** A compiled form: what people fill in, by fields. Its schema is what the server validates with. */
import type { CompiledSchema } from "../schema/types.js";

export type Form = {
  readonly name: string;
  readonly title: string | null;
  /** JSON Schema of the input, made from the fields. */
  readonly schema: CompiledSchema;
};
