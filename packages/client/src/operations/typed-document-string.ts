import type { TypedDocument } from "../document.js";

/** The text of a document, with the types of its result and variables. */
export class TypedDocumentString<Result, Variables> extends String implements TypedDocument<Result, Variables> {
  declare __apiType?: (variables: Variables) => Result;
}
