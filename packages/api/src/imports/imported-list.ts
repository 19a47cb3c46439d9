import type { Context } from "../context/context.js";
import type { IdType } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { ViewerRule } from "../rules/rule.js";

/** An ID of an input that a line can give by a key of the object. */
export interface ImportReference {
  /** Field of the input. */
  readonly field: string;
  readonly type: IdType;
  readonly find: (tx: Tx, viewer: Viewer, value: string) => Promise<string | null>;
}

/** Values of a line, as fields of an input. */
export type ImportValues = Readonly<Record<string, unknown>>;

/** A list that can be imported, described by the subgraph that owns its objects. Imports themselves belong to the requests subgraph. */
export interface ImportedList {
  readonly type: IdType;
  /** Rule of the mutation that creates the objects. Updates are checked object by object. */
  readonly rule: ViewerRule;
  readonly createInput: string;
  readonly updateInput: string;
  /** Fields that never change. Ignored in lines about existing objects. */
  readonly fixed: readonly string[];
  /** Fields that no two objects share. */
  readonly unique: readonly string[];
  /** References by the names of exported columns. */
  readonly references: Readonly<Record<string, ImportReference>>;
  /** JSON Schemas of the properties that a JSON field has for these values. `id`: the object that exists already. */
  readonly properties: (tx: Tx, ctx: Context, values: ImportValues, id: string | null) => Promise<Readonly<Record<string, unknown>>>;
  /** Creates an object as the mutation does. Returns its UUID. */
  readonly create: (ctx: Context, input: ImportValues) => Promise<string>;
  /** Updates an object as the mutation does. */
  readonly update: (ctx: Context, input: ImportValues) => Promise<unknown>;
}
